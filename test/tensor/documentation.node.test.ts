// The examples of docs/tensors.md run and print what they say. Node only: reads the page and imports each example from a file.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('docs/tensors.md');
const root = join(import.meta.dirname, '..', '..');
const page = await readFile(join(root, 'docs', 'tensors.md'), 'utf8');
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const folder = await mkdtemp(join(tmpdir(), 'motorloop-docs-'));
test.after(() => rm(folder, { recursive: true }));

examples.forEach((code, i) => {
  test(`example ${i + 1} prints what its comments say`, async () => {
    const file = join(folder, `example-${i + 1}.mjs`);
    await writeFile(file, code.replace("'motorloop'", JSON.stringify(pathToFileURL(join(root, 'dist', 'index.js')).href)));
    const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
    const printed: string[] = [];
    const { log } = console;
    console.log = (...values: unknown[]) => printed.push(values.join(' '));
    try {
      await import(pathToFileURL(file).href);
    } finally {
      console.log = log;
    }
    assert.equal(printed, expected);
  });
});

test('there are examples', () => assert.ok(examples.length > 0));

test.run();
