// The trained networks in pretrained/: each opens, has a checkpoint that fits its experiment, and scores what was recorded when it was put there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeStorage } from '../src/platform/node.js';
import { scorePretrained } from './support/pretrained.js';

const folder = new URL('../pretrained/', import.meta.url);
const names = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])) : [];

test('there are trained networks', () => assert.ok(names.length > 0));

for (const name of names) {
  test(`${name} scores what was recorded`, async () => {
    const recorded = JSON.parse(readFileSync(new URL(`${name}/scores.json`, folder), 'utf8')) as Record<string, Record<string, number>>;
    const scores = await scorePretrained(nodeStorage(new URL(name, folder).pathname));
    assert.equal(Object.keys(scores), Object.keys(recorded));
    for (const [run, metrics] of Object.entries(recorded)) {
      assert.equal(Object.keys(scores[run] ?? {}), Object.keys(metrics));
      // Kernels may change in their last bits; no score may move by more than rounding does.
      for (const [metric, value] of Object.entries(metrics)) {
        const got = scores[run]?.[metric] as number;
        assert.ok(Math.abs(got - value) <= 1e-4 + 1e-3 * Math.abs(value), `${run}, ${metric}: expected ${value}, got ${got}`);
      }
    }
  });
}

test.run();
