// Runs every command and every script that README.md and docs/*.md show (fenced `sh` and `js` blocks), shortened where they train or measure.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { workFolder } from './cli.js';

const root = process.cwd();

/** What is added to a command so that it takes a moment instead of minutes; FOLDER is the folder of the test. The first pattern that fits counts. */
const shorter: readonly [RegExp, string][] = [
  [/ run experiments\/noise-/, ' --epochs 1 --set data.trials=10 --set task.steps=20 --set seeds=[0] --set tests=[] --set analyses=[]'],
  [/ run /, ' --epochs 1 --set data.trials=40'],
  [/npm start/, ' -- --epochs 1 --set data.trials=40 --out FOLDER/start'], // it runs in the repository itself, wherever it is called
  [/ compare /, ' --no-dsa --no-fixed-points --no-png'],
  [/ evaluate /, ' --no-png'],
  [/ analyse (runs\/quickstart|.* --only )/, ' --starts 8 --iterations 20 --no-png'],
  [/ analyse /, ' --only decoding --no-png'], // tangling takes seconds a network
  [/ simulate /, ' --no-png'],
  [/ bench suite/, ' --seconds 3 --backend wasm --group optimiser'],
  [/ bench merge/, ''],
  [/ bench kernels/, ' --repeats 1 --variant simd --threads 1 --kernel matmul'],
  [/ bench analysis/, ' --repeats 1 --variant simd --threads 1 --trials 20 --steps 50'],
  [/ bench fixed-points/, ' --repeats 1 --variant simd --threads 1 --starts 32'],
  [/ bench /, ' --repeats 1 --variant simd --threads 1'],
];

/** Commands that are run elsewhere, and where. */
const elsewhere: readonly [RegExp, string][] = [
  [/^npm test/, 'this very run'],
  [/^npm (install|i) motorloop/, 'test/package/pack.test.ts'],
  [/^npx motorloop/, 'test/package/pack.test.ts'],
  [/ scripts\/bundle-gpu/, 'by hand, before it is taken to a machine with a GPU: it packs 100 MB'],
  [/ --in chromium$/, 'test/browser/command-line.node.test.ts'],
  [/ devices$/, 'test/cli/commands.test.ts'], // a software adapter takes 12 s to check
];

/** Commands that serve until Ctrl-C stops them, and what they print once they do. */
const serving: readonly [RegExp, string][] = [[/ lab( --port \d+)?$/, 'http://127.0.0.1']];

/** Starts a command, stops it as Ctrl-C does once it has printed `sign`, and returns its exit code. */
function startAndStop(command: string, cwd: string, sign: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(`exec ${command}`, { cwd, shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let stopped = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      // once: a second one ends it at once, whatever it is about to tidy up
      if (!stopped && output.includes(sign)) stopped = child.kill('SIGINT');
    });
    child.on('error', reject);
    child.on('close', resolve);
  });
}

/** Commands that read nothing that another one wrote: once is enough, however many pages show them. The same analysis on another page is a short one. */
const alike = / (bench|check|preview) /;
const done = new Set<string>();
const analyses = new Set<string>();

function firstMatch<T>(rows: readonly [RegExp, T][], text: string): T | undefined {
  return rows.find(([pattern]) => pattern.test(text))?.[1];
}

/** The fenced blocks of one language in a page. */
function blocks(page: string, language: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] as string);
}

/** A folder that looks like the root of the repository, in which commands may write. */
function likeTheRoot(): ReturnType<typeof workFolder> {
  const folder = workFolder();
  for (const name of [
    'bin',
    'dist',
    'experiments',
    'examples',
    'test',
    'node_modules',
    'scripts',
    'src',
    'assembly',
    'package.json',
    'package-lock.json',
    'README.md',
  ])
    symlinkSync(join(root, name), join(folder.path, name));
  return folder;
}

const pages = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

for (const page of pages) {
  const commands = blocks(page, 'sh')
    .join('')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (commands.some((line) => firstMatch(elsewhere, line) === undefined)) {
    test(`the commands in ${page} work`, async () => {
      const folder = likeTheRoot();
      try {
        for (const command of commands) {
          if (firstMatch(elsewhere, command) !== undefined || done.has(command)) continue;
          if (alike.test(`${command} `)) done.add(command);
          const sign = firstMatch(serving, command);
          if (sign !== undefined) {
            assert.is(await startAndStop(command, folder.path, sign), 0, command);
            continue;
          }
          const analysed = / analyse /.test(command) && analyses.has(command);
          analyses.add(command);
          const more = analysed ? ' --only decoding --no-png' : (firstMatch(shorter, command) ?? '').replace('FOLDER', folder.path);
          const { status, stdout, stderr } = spawnSync(`${command}${more}`, {
            cwd: folder.path,
            shell: true,
            encoding: 'utf8',
            env: { ...process.env, NO_COLOR: '1' },
          });
          assert.is(status, 0, `${command}\n${stdout}\n${stderr}`);
        }
      } finally {
        folder.remove();
      }
    });
  }
  const scripts = blocks(page, 'js');
  if (scripts.length > 0) {
    test(`the scripts in ${page} work`, () => {
      const folder = workFolder();
      try {
        mkdirSync(join(folder.path, 'node_modules'));
        symlinkSync(root, join(folder.path, 'node_modules', 'motorloop'));
        for (const [index, script] of scripts.entries()) {
          writeFileSync(join(folder.path, `script-${index}.mjs`), script);
          const { status, stdout, stderr } = spawnSync(process.execPath, [`script-${index}.mjs`], { cwd: folder.path, encoding: 'utf8' });
          assert.is(status, 0, `${script}\n${stdout}\n${stderr}`);
        }
      } finally {
        folder.remove();
      }
    });
  }
}

test('every page in docs/ is reached from the README, and links lead to files that exist', () => {
  const readme = readFileSync('README.md', 'utf8');
  for (const page of pages.slice(1)) assert.match(readme, `(${page})`);
  for (const page of pages) {
    for (const [, target] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const path = join(page.startsWith('docs/') ? 'docs' : '.', target as string);
      assert.not.throws(() => readFileSync(path), `${page} links to ${target}`);
    }
  }
});

test.run();
