import { lineError, parseJsonLines, type JsonLine } from '../formats/jsonLines';
import { weighRows, type RowRules, type WeighedRow } from '../method/weights';
import { PlaygroundError } from '../shared/errors';

const DIGITS = 17; // enough to give every double back exactly

/**
 * Returns and weights of rollout rows in the paper's format: JSON lines in, JSON lines out, same order.
 *
 * As in the published loader the file is one table: a column that any row has exists for all of them.
 *
 * @throws PlaygroundError 'file-invalid' naming file, line and field; 'config-invalid' for β ≤ 0.
 */
export function weighText(text: string, file: string, rules: RowRules): string {
  const lines = parseJsonLines(text, file);
  const ids = lines.map(({ line, value }) => promptId(value.prompt_id, file, line));
  if (!lines.some(({ value }) => Object.hasOwn(value, 'turn_rewards'))) {
    throw lineError(file, lines[0]!.line, 'turn_rewards', 'missing here and in every other row');
  }
  return weighLines(lines, file, { ...rules, presence: 'table' })
    .map((row, i) => {
      const fields = [
        `"prompt_id": ${JSON.stringify(ids[i])}`,
        `"discounted_return": ${row.discountedReturn.toPrecision(DIGITS)}`,
        `"format_penalty": ${row.formatPenalty.toPrecision(DIGITS)}`,
        `"repeat_penalty": ${row.repeatPenalty.toPrecision(DIGITS)}`,
        `"return": ${row.return.toPrecision(DIGITS)}`,
        `"weight": ${row.weight.toPrecision(DIGITS)}`,
      ];
      return `{${fields.join(', ')}}\n`;
    })
    .join('');
}

/** `weighRows`, whose complaint about a row is given its place in the file. */
function weighLines(lines: readonly JsonLine[], file: string, rules: RowRules): WeighedRow[] {
  try {
    return weighRows(
      lines.map(({ value }) => value),
      rules,
    );
  } catch (cause) {
    const culprit = lines.find(({ value }) => !isWeighable(value, rules));
    if (!(cause instanceof PlaygroundError) || cause.code !== 'file-invalid' || !culprit)
      throw cause;
    throw lineError(file, culprit.line, 'turn_rewards', cause.message.replace(/\.$/, ''));
  }
}

function isWeighable(row: JsonLine['value'], rules: RowRules): boolean {
  try {
    weighRows([row], rules);
    return true;
  } catch {
    return false; // the caller already holds the reason
  }
}

/** The id as it came, once it is known to name a group. */
function promptId(id: unknown, file: string, line: number): string | number {
  if (id === undefined) throw lineError(file, line, 'prompt_id', 'missing');
  if (typeof id === 'string' && id !== '') return id;
  if (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER) return id;
  const got =
    typeof id === 'number'
      ? 'a number too large to be told from its neighbors'
      : JSON.stringify(id);
  throw lineError(file, line, 'prompt_id', `must be text or a number, not ${got.slice(0, 60)}`);
}

/** A finite number in JSON's syntax, from `least` to `most`. */
export function numberFlag(flag: string, text: string, least = -Infinity, most = Infinity): number {
  const value = Number(text);
  const isNumber = /^[-+.\deE]+$/.test(text) && Number.isFinite(value);
  if (isNumber && value >= least && value <= most) return value;
  const range = !isNumber || least === -Infinity ? '' : ` from ${least}`;
  const end = range === '' ? '' : most === Infinity ? ' up' : ` to ${most}`;
  throw new PlaygroundError(
    'config-invalid',
    `${flag} must be a number${range}${end}, not "${text}".`,
  );
}
