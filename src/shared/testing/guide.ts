/** Follows docs/extending.md in a copy of the sources. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve('.cache'); // Vitest compiles nothing below node_modules

/** A copy of the sources with what the guide adds: a new file, and its line in a registry. */
export function followGuide(file: string, registry: string): string {
  mkdirSync(CACHE, { recursive: true });
  const copy = mkdtempSync(join(CACHE, 'extending-'));
  cpSync('src', join(copy, 'src'), { recursive: true });
  writeFileSync(join(copy, file), block('ts', file));
  const text = patched(readFileSync(registry, 'utf8'), block('diff', registry));
  writeFileSync(join(copy, registry), text);
  return copy;
}

/** What the guide says to write into a file. */
function block(kind: 'ts' | 'diff', file: string): string {
  const [, text] = readFileSync('docs/extending.md', 'utf8').split(`\`\`\`${kind} ${file}\n`);
  return text!.slice(0, text!.indexOf('```'));
}

/** A text with a line taken out for each `-` and the `+` lines after it, or before all, put in. */
function patched(text: string, diff: string): string {
  const changes = diff.split('\n');
  const added = changes.filter((change) => change.startsWith('+')).map((change) => change.slice(1));
  if (added.every((line) => text.includes(line))) return text; // the guide was followed here too
  return changes
    .reduce((lines, change) => {
      const line = change.slice(1);
      if (change.startsWith('-')) {
        if (!lines.includes(line))
          throw new Error(`The guide takes out what is not there: ${line}`);
        return lines.map((l) => (l === line ? REMOVED : l));
      }
      if (!change.startsWith('+')) return lines;
      if (!lines.includes(REMOVED)) return [line, ...lines];
      return lines.map((l) => (l === REMOVED ? line : l));
    }, text.split('\n'))
    .join('\n');
}
const REMOVED = '\0';
