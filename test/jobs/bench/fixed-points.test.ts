// The benchmark of fixed points: its network has the points that it is made to have, a row says what was found, what fits nothing is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../src/errors.js';
import { fixedPoints, type FixedPointsOptions } from '../../../src/jobs/bench/fixed-points.js';
import { threeBitCells } from '../../../src/jobs/bench/three-bit-network.js';
import type { JobContext } from '../../../src/jobs/context.js';

const lines: string[] = [];
const context = {
  signal: new AbortController().signal,
  host: { machine: async () => ({}) },
  progress: { update: () => {} },
  print: (line: string) => lines.push(line),
  warn: () => {},
} as unknown as JobContext;
const options: FixedPointsOptions = { model: 'gru', hidden: 12, starts: 200, repeats: 1, backend: ['wasm'], variant: 'simd', threads: 1 };

for (const model of threeBitCells) {
  test(`a search of the ${model} that holds three bits finds eight stable points, and says at which speed`, async () => {
    const { rows } = await fixedPoints({ ...options, model }, context);
    const [row] = rows as [Record<string, unknown>];
    assert.is(rows.length, 1);
    assert.is(row['converged'], 200);
    assert.is(row['stable'], 8);
    assert.is((row['byIndex'] as number[])[0], 8);
    assert.ok((row['largestSpeed'] as number) < 1e-20);
    assert.ok((row['checkedDeviation'] as number) < 1e-12 && row['checked'] === true);
    assert.ok((row['medianSeconds'] as number) > 0 && (row['gflops'] as number) > 0);
    assert.is(row['steps'], null);
    assert.match(lines.join('\n'), /200 converged/);
  });
}

test('a cell that it has no network for, and too few units, are refused together', async () => {
  let error: unknown;
  await fixedPoints({ ...options, model: 'node', hidden: 3 }, context).catch((caught: unknown) => {
    error = caught;
  });
  assert.instance(error, ConfigError);
  assert.is((error as ConfigError).problems.length, 2);
  assert.match((error as ConfigError).message, /--model: expected gru, lstm, rnn, got "node"; for other cells give a trained network with --run/);
});

test.run();
