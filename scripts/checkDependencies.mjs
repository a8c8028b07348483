/** Fails when package.json and the table of docs/dependencies.md name different packages. */
import { readFileSync } from 'node:fs';

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const declared = new Set(Object.keys({ ...dependencies, ...devDependencies }));

// A row is: | `name` | licence | reason |
const rows = readFileSync('docs/dependencies.md', 'utf8').matchAll(
  /^\| `([^`]+)` +\| [^|]*[^|\s][^|]* \| [^|]*[^|\s][^|]* \|$/gm,
);
const explained = new Set([...rows].map(([, name = '']) => name));

const faults = [
  ...[...declared]
    .filter((name) => !explained.has(name))
    .map((name) => `${name} has no reason in docs/dependencies.md.`),
  ...[...explained]
    .filter((name) => !declared.has(name))
    .map((name) => `docs/dependencies.md names ${name}, which package.json does not.`),
];
for (const sentence of faults) console.error(sentence);
process.exitCode = faults.length > 0 ? 1 : 0;
