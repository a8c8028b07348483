import { describe, expect, it } from 'vitest';
import {
  encodeRollouts,
  importedTokens,
  parseRollouts,
  rolloutLines,
  type PackedRollouts,
} from './rolloutJsonl';

const VOCABULARY = ['0', '1', '?', 'NO', 'PAD'];
const RULES = { vocabulary: VOCABULARY, maxTurns: 3, formatPenalty: -0.1 };

/** Prompt "1 ?", gold 0: solved at turn 3 after an unreadable answer; then one that fails. */
const PACKED: PackedRollouts = {
  prompts: [
    { id: 'other', gold: 'x' },
    { id: '1?', gold: '0' },
  ],
  promptOf: [1, 1],
  sampleOf: [0, 1],
  offsets: [0, 7, 14],
  tokens: Int32Array.of(1, 2, 1, 3, 4, 3, 0, 1, 2, 1, 3, 1, 3, 1),
  turnOf: Uint8Array.of(0, 0, 1, 0, 2, 0, 3, 0, 0, 1, 0, 2, 0, 3),
  logp: Float32Array.of(0, 0, -0.1, 0, -2, 0, -1e-9, 0, 0, -3, 0, -30, 0, -0.7),
  solvedAt: [3, 0],
  answers: [
    ['1', '', '0'],
    ['1', '1', '1'],
  ],
};

describe('rolloutLines', () => {
  it('has the fields of the published code', () => {
    const [solved, failed] = rolloutLines(PACKED, RULES);
    expect(solved).toEqual({
      prompt_id: '1?',
      gold: '0',
      messages: [
        { role: 'user', content: '1 ?' },
        { role: 'assistant', content: '1' },
        { role: 'user', content: 'NO' },
        { role: 'assistant', content: 'PAD' },
        { role: 'user', content: 'NO' },
        { role: 'assistant', content: '0' },
      ],
      verifier: { t1: 0, t2: 0, t3: 1 },
      turn_rewards: { t1: 0, t2: 0, t3: 1 },
      reward_details: {
        t1: turn(0, 0, ['1']),
        t2: turn(0, -0.1, []),
        t3: turn(1, 0, ['0']),
      },
      t_star: 3,
      traj_idx: 0,
      answer_norms: ['1', '0'],
      format_penalty: -0.1,
      drift: {
        tokens: [1, 2, 1, 3, 4, 3, 0],
        turn_of: [0, 0, 1, 0, 2, 0, 3],
        logp: [0, 0, -0.100000001, 0, -2, 0, -9.99999972e-10], // float32, nine digits
      },
    });
    expect(failed).toMatchObject({ t_star: null, traj_idx: 1, answer_norms: ['1', '1', '1'] });
  });

  it('comes back from its file, log-probs to the bit', () => {
    const lines = rolloutLines(PACKED, RULES);
    const rows = parseRollouts(encodeRollouts(lines), 'rollouts.jsonl');
    rows.forEach(({ line, ...row }, i) => {
      expect(line).toBe(i + 1);
      expect(lines[i]).toMatchObject(row);
    });
    const logp = Float32Array.from(rows.flatMap((r) => r.drift!.logp));
    expect(logp).toEqual(PACKED.logp);
  });

  it('gives the same tokens from its messages alone', () => {
    const text = encodeRollouts(rolloutLines(PACKED, RULES));
    for (const row of parseRollouts(text, 'x')) {
      const own = importedTokens(row, VOCABULARY, 'x');
      const foreign = importedTokens({ ...row, drift: undefined }, VOCABULARY, 'x');
      expect(foreign).toEqual({ tokens: own.tokens, turn_of: own.turn_of });
    }
  });
});

const turn = (env_reward: number, format_penalty: number, actions: string[]): object => ({
  env_reward,
  format_penalty,
  actions,
  parsed_actions: actions,
  info: { success: env_reward === 1 },
});

/** A line of a file made elsewhere. */
const FOREIGN = {
  prompt_id: 'sample_17',
  gold: '42',
  messages: [
    { role: 'System', content: null },
    { role: 'tool', content: '1 ?', name: 'x' },
    { role: 'assistant', content: ' 1\n0 ' },
  ],
  verifier: { t1: 1 },
  turn_rewards: { t1: 1.0 },
  reward_details: { t1: { env_reward: 1.0, info: { state: 'done' } } },
  t_star: null,
  answer_norms: ['42', null],
  format_penalty: 0.0,
  anything: [1, 2],
};

describe('parseRollouts', () => {
  it('takes files made elsewhere: ids become text, unknown roles users, null content empty', () => {
    const text = `\uFEFF${JSON.stringify({ ...FOREIGN, prompt_id: 17 })}\r\n\n`;
    const [row] = parseRollouts(text, 'x');
    expect(row).toMatchObject({
      prompt_id: '17',
      messages: [
        { role: 'system', content: '' },
        { role: 'user', content: '1 ?' },
        { role: 'assistant', content: ' 1\n0 ' },
      ],
      line: 1,
    });
    expect(importedTokens(row!, VOCABULARY, 'x')).toEqual({
      tokens: [1, 2, 1, 0],
      turn_of: [0, 0, 1, 1],
    });
  });

  const columns = { tokens: [1, 2], turn_of: [0, 1], logp: [0, -1] };
  it.each<[string, unknown, string]>([
    ['prompt_id', undefined, 'prompt_id'],
    ['prompt_id', null, 'prompt_id'],
    ['prompt_id', '', 'prompt_id'],
    ['prompt_id', 1.5, 'prompt_id'],
    ['prompt_id', 2 ** 53, 'prompt_id'],
    ['prompt_id', ['a'], 'prompt_id'],
    ['gold', null, 'gold'],
    ['gold', ['4'], 'gold'],
    ['messages', undefined, 'messages'],
    ['messages', [], 'messages'],
    ['messages', 'text', 'messages'],
    ['messages', [null], 'messages.0'],
    ['messages', [{ role: 1, content: '' }], 'messages.0.role'],
    ['messages', [{ role: 'user' }], 'messages.0.content'],
    ['messages', [{ role: 'user', content: 3 }], 'messages.0.content'],
    ['messages', [FOREIGN.messages[0], { content: '' }], 'messages.1.role'],
    ['turn_rewards', undefined, 'turn_rewards'],
    ['turn_rewards', null, 'turn_rewards'],
    ['turn_rewards', [1], 'turn_rewards'],
    ['t_star', 0, 't_star'],
    ['t_star', 1.5, 't_star'],
    ['t_star', '1', 't_star'],
    ['traj_idx', -1, 'traj_idx'],
    ['traj_idx', null, 'traj_idx'],
    ['answer_norms', '42', 'answer_norms'],
    ['answer_norms', [42], 'answer_norms.0'],
    ['format_penalty', 0.1, 'format_penalty'],
    ['format_penalty', '-0.1', 'format_penalty'],
    ['drift', null, 'drift'],
    ['drift', {}, 'drift.tokens'],
    ['drift', { ...columns, tokens: [1, -1] }, 'drift.tokens.1'],
    ['drift', { ...columns, tokens: [1, 70_000] }, 'drift.tokens.1'],
    ['drift', { ...columns, turn_of: [0, 256] }, 'drift.turn_of.1'],
    ['drift', { ...columns, logp: [0, 0.5] }, 'drift.logp.1'],
    ['drift', { ...columns, logp: [0, null] }, 'drift.logp.1'],
    ['drift', { ...columns, logp: [0] }, 'drift'],
  ])('refuses %s = %j', (field, value, where) => {
    const bad = JSON.stringify({ ...FOREIGN, [field]: value });
    expect(() => parseRollouts(`${JSON.stringify(FOREIGN)}\n${bad}\n`, 'a.jsonl')).toThrow(
      expect.objectContaining({
        code: 'file-invalid',
        message: expect.stringMatching(`^a\\.jsonl:2: field ${where}: .+\\.$`) as string,
        facts: { file: 'a.jsonl', line: 2, field: where },
      }) as Error,
    );
  });

  it.each([
    ['', /^a\.jsonl is empty/],
    ['\n \n', /^a\.jsonl is empty/],
    ['{"prompt_id": "a",}', /^a\.jsonl:1: not a line of JSON/],
    ['{"a": 1} {"b": 2}', /^a\.jsonl:1: not a line of JSON/],
    ['{"a": NaN}', /^a\.jsonl:1: not a line of JSON/],
    ['null', /^a\.jsonl:1: not a JSON object/],
    ['[{}]', /^a\.jsonl:1: not a JSON object/],
    ['{"x": [{"y": {"b": 1, "b": 2}}]}', /^a\.jsonl:1: field b: given twice in one object/],
    ['{"é": 1, "\\u00e9": 2}', /^a\.jsonl:1: field é: given twice/],
  ])('refuses the file %j', (text, message) => {
    expect(() => parseRollouts(text, 'a.jsonl')).toThrow(message);
  });

  it('refuses every truncation of a line', () => {
    const line = JSON.stringify(FOREIGN);
    for (let n = 0; n < line.length; n++) {
      expect(() => parseRollouts(line.slice(0, n), 'a.jsonl')).toThrow(/^a\.jsonl/);
    }
  });

  it('names words and tokens that the task does not have', () => {
    const [row] = parseRollouts(JSON.stringify(FOREIGN), 'a.jsonl');
    expect(() => importedTokens(row!, ['1', '?'], 'a.jsonl')).toThrow(
      'a.jsonl:1: field messages.2.content: “0” is not a word of this task.',
    );
    expect(() => importedTokens({ ...row!, drift: columns }, ['1'], 'a.jsonl')).toThrow(
      'a.jsonl:1: field drift.tokens: 1 is not a token of this task.',
    );
  });
});
