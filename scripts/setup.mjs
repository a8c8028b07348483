/** What every script needs before it can import a package: Node itself, and node_modules. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Ends the process with one sentence on standard error.
 *
 * @param {string} sentence
 * @returns {never}
 */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Ends the process unless this Node can run the tools: 20.19 or later, 22.12 or later, or newer. */
function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return;
  fail(
    'This needs Node 20.19 or later, or 22.12 or later; this is Node ' +
      `${process.versions.node}: install a current one from https://nodejs.org.`,
  );
}

/**
 * Versions of the packages a lock file names, by folder; optional ones, which depend on the
 * platform, are left out.
 *
 * @param {string} path
 * @returns {Map<string, string>}
 */
function lockedVersions(path) {
  /** @type {{ packages: Record<string, { version?: string, optional?: boolean }> }} */
  const { packages } = JSON.parse(readFileSync(path, 'utf8'));
  return new Map(
    Object.entries(packages)
      .filter(([folder, { optional }]) => folder !== '' && !optional)
      .map(([folder, { version = '' }]) => [folder, version]),
  );
}

/** Whether node_modules holds just what package-lock.json names. */
function isInstalled() {
  const installed = join(ROOT, 'node_modules/.package-lock.json'); // npm writes it last
  if (!existsSync(installed)) return false;
  const present = lockedVersions(installed);
  return [...lockedVersions(join(ROOT, 'package-lock.json'))].every(
    ([folder, version]) => present.get(folder) === version,
  );
}

/** Checks Node and installs the locked packages where they are missing; runs no install script. */
export function setUp() {
  requireNode();
  process.chdir(ROOT);
  if (isInstalled()) return;
  console.log('Installing packages (once) ...');
  const npm = process.env.npm_execpath; // a JavaScript file when npm started this script
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...options], { stdio: 'inherit' })
    : spawnSync(['npm', ...options].join(' '), { stdio: 'inherit', shell: true });
  if (status !== 0) {
    fail('The packages could not be installed: npm says why above, most often a missing network.');
  }
}
