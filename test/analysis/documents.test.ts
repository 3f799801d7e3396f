// The examples of docs/similarity.md and docs/geometry.md run as they stand and print what they say.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as motorloop from '../../src/index.browser.js';

/** Runs the examples of a page, one after the other, and returns what they print. */
async function printed(page: string): Promise<unknown[][]> {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const lines: unknown[][] = [];
  for (const [, code = ''] of text.matchAll(/```ts\n([\s\S]*?)```/g)) {
    const body = code.replace(/import \{([^}]*)\} from 'motorloop';/, 'const {$1} = motorloop;');
    const run = new Function('motorloop', 'console', `return (async () => {${body}})();`) as (library: object, output: object) => Promise<void>;
    await run(motorloop, { log: (...values: unknown[]) => lines.push(values) });
  }
  return lines;
}

test('the example of similarity finds an affine copy', async () => {
  const [scores = [], others = []] = (await printed('similarity.md')) as number[][];
  for (const [value, expected] of [
    [scores[0], 1],
    [scores[1], 1],
    [others[0], 1],
    [others[1], 0],
  ] as [number, number][])
    assert.ok(Math.abs(value - expected) < 1e-9, `${value}`);
});

test('the examples of geometry give the numbers that they state', async () => {
  const [circle = [], layers = []] = await printed('geometry.md');
  assert.is(circle[0], '38.51');
  assert.ok((layers[1] as number) > 0.5);
});

test.run();
