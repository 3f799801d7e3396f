// What a fresh clone needs before anything else runs: a recent Node, installed dependencies, a build. Plain Node, no dependencies.
// Each part looks first whether there is anything to do; when nothing changed, all of it takes well under a second.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Ends the process with a message unless this Node is recent enough for the package. */
function requireNode() {
  const { engines } = readJson('package.json');
  const wanted = engines.node.replace('>=', '').split('.').map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return;
  fail(`node: expected version ${wanted.join('.')} or newer, got ${process.versions.node}; install a current Node from nodejs.org`);
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

/** Prints a message and ends the process with code 1. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Runs a program in the root with its output on this terminal; returns its exit code (128 + 2 when a signal ended it). */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw error;
  return status ?? 130;
}

/** True when node_modules holds every package of package-lock.json in its version (optional ones may be missing). */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(readJson('package-lock.json').packages).every(
    ([path, entry]) => path === '' || entry.optional || entry.link || installed[path]?.version === entry.version,
  );
}

/** `npm ci` when node_modules and package-lock.json disagree. */
function install() {
  if (isInstalled()) return;
  console.error('Installing the dependencies (once) …');
  // Under `npm start` and `npm test`, npm_execpath is npm itself: the same version, whatever the PATH says.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const code = run(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: npm[0] === 'npm' && process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (code !== 0) fail(`npm ci: expected exit code 0, got ${code}; see the messages above`);
}

/** Installs and builds whatever is missing or out of date; ends the process when that fails. */
export function setUp() {
  requireNode();
  install();
  const code = run(process.execPath, ['scripts/build.mjs']);
  if (code !== 0) fail(`npm run build: expected exit code 0, got ${code}; see the messages above`);
}
