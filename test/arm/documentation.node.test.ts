// The examples of docs/arm.md and examples/reach-by-hand.mjs run and print what they say. Node only: each is imported from a file.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('docs/arm.md');
const root = join(import.meta.dirname, '..', '..');
const page = await readFile(join(root, 'docs', 'arm.md'), 'utf8');
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code as string);
const folder = await mkdtemp(join(tmpdir(), 'motorloop-arm-'));
test.after(() => rm(folder, { recursive: true }));

/** What a script prints. */
async function printed(name: string, code: string): Promise<string[]> {
  const file = join(folder, name);
  await writeFile(file, code.replaceAll("'motorloop'", JSON.stringify(pathToFileURL(join(root, 'dist', 'index.js')).href)));
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => lines.push(values.join(' '));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
  }
  return lines;
}

examples.forEach((code, index) => {
  test(`example ${index + 1} prints what its comments say`, async () => {
    const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
    assert.equal(await printed(`example-${index + 1}.mjs`, code), expected);
  });
});

test('there are examples', () => assert.is(examples.length, 4));

test('the stretch reflex of examples/reach-by-hand.mjs ends within 3 cm of its goal', async () => {
  const lines = await printed('reach-by-hand.mjs', await readFile(join(root, 'examples', 'reach-by-hand.mjs'), 'utf8'));
  const [start, end] = lines.map((line) => Number(/([\d.]+) cm/.exec(line)?.[1]));
  assert.ok((start as number) > 20 && (end as number) < 3, lines.join(' '));
});

test.run();
