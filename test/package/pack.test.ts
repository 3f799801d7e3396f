// Tests the package as a user gets it: packed, installed into an empty folder, run, imported, type-checked, and looked over by publint and attw.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

const root = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'motorloop-package-'));
const packed: { file: string; size: number; unpackedSize: number; files: string[]; integrity: string } = {
  file: '',
  size: 0,
  unpackedSize: 0,
  files: [],
  integrity: '',
};

/** Runs a program; fails the test, with all that it printed, when it does not end with code 0. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.is(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout}\n${stderr}`);
  return stdout;
}

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * A consumer's lock file: our tarball, and its dependencies in the versions that this repository has. With it `npm ci` needs no look-ups and takes the
 * dependencies from npm's cache, where installing this repository has put them.
 */
function writeConsumer(): void {
  const { name, version, dependencies, bin, engines } = readJson(join(root, 'package.json'));
  const consumer = { name: 'consumer', version: '1.0.0', type: 'module', dependencies: { [name]: `file:${packed.file}` } };
  const locked = Object.entries<LockEntry>(readJson(join(root, 'package-lock.json')).packages).filter(
    ([path, entry]) => path !== '' && !entry.dev && !entry.optional,
  );
  const packages = {
    '': consumer,
    [`node_modules/${name}`]: { version, resolved: `file:${packed.file}`, integrity: packed.integrity, dependencies, bin, engines },
    ...Object.fromEntries(locked),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(consumer));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name: 'consumer', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
}

test.before(() => {
  // --ignore-scripts: npm test has built dist/ already
  const [report] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], root));
  packed.file = report.filename;
  packed.unpackedSize = report.unpackedSize;
  packed.files = report.files.map((file: { path: string }) => file.path);
  packed.integrity = report.integrity;
  writeConsumer();
  run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
});

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the package holds what it needs, no golden files, no sources, and less than 5 MB', () => {
  assert.ok(packed.unpackedSize < 5e6, `${packed.unpackedSize} bytes`);
  for (const file of [
    'bin/motorloop.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/index.browser.js',
    'experiments/quickstart.yaml',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'CITATION.cff',
    'package.json',
  ]) {
    assert.ok(packed.files.includes(file), file);
  }
  assert.equal(
    packed.files.filter((file) => !/^(bin|dist|experiments)\/|^(README\.md|LICENSE|CHANGELOG\.md|CITATION\.cff|package\.json)$/.test(file)),
    [],
  );
  assert.equal(
    packed.files.filter((file) => /\.map$|(?<!\.d)\.ts$/.test(file)),
    [],
  );
});

test('npx motorloop run trains a copied experiment', () => {
  writeFileSync(join(folder, 'experiment.yaml'), readFileSync(join(root, 'experiments/quickstart.yaml')));
  run(
    'npx',
    ['--no-install', 'motorloop', 'run', 'experiment.yaml', '--epochs', '1', '--set', 'data.trials=40', '--out', 'out', '--json', 'result.json'],
    folder,
  );
  const result = readJson(join(folder, 'result.json'));
  assert.ok(result.runs.length >= 2 && result.runs.every((entry: { validationLoss: number }) => entry.validationLoss > 0));
  assert.ok(readFileSync(join(folder, 'out/report.html'), 'utf8').startsWith('<!'));
});

test('the script of the README runs as it stands there', () => {
  const script = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] as string;
  assert.ok(script.trim().split('\n').length <= 14);
  writeFileSync(join(folder, 'readme.mjs'), script);
  assert.ok(run(process.execPath, ['readme.mjs'], folder).length > 0);
});

for (const resolution of ['nodenext', 'bundler'] as const) {
  test(`the types hold under ${resolution} resolution, without skipping libraries`, () => {
    const source = `import { type Backend, createBackend, parseExperiment, type Task, train, type TrainingEvent } from 'motorloop';
      const backend: Backend = await createBackend('reference');
      const experiment = parseExperiment({ name: 'types', task: { name: 'flipflop' }, models: [{ cell: 'gru' }] }, 'types');
      for await (const event of train(experiment, { backend })) show(event);
      function show(event: TrainingEvent): void {
        if (event.type === 'epoch') event.validationLoss.toFixed(3);
      }
      // @ts-expect-error: a task must say more than its name
      export const task: Task = { name: 'incomplete' };
      // @ts-expect-error: events are a closed set
      export const event: TrainingEvent = { type: 'surprise' };`;
    writeFileSync(join(folder, 'consumer.ts'), source);
    const options = {
      target: 'es2022',
      lib: ['es2023', 'dom'],
      module: resolution === 'nodenext' ? 'nodenext' : 'esnext',
      moduleResolution: resolution,
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: [],
    };
    writeFileSync(join(folder, `tsconfig.${resolution}.json`), JSON.stringify({ compilerOptions: options, files: ['consumer.ts'] }));
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', `tsconfig.${resolution}.json`], folder);
  });
}

test('publint has nothing to say, suggestions included', () => {
  const output = run(process.execPath, [join(root, 'node_modules/publint/src/cli.js'), 'run', join(folder, packed.file), '--strict'], folder);
  assert.not.match(output, /suggestion|warning|error/i);
});

test('attw finds the types for every kind of ESM resolution', () => {
  run(
    process.execPath,
    [join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'), join(folder, packed.file), '--profile', 'esm-only', '--no-color'],
    folder,
  );
});

test.run();
