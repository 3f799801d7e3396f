// DSA of data sets: modes and shapes, invariances, calibration, attractors told apart, and what is refused.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Analysis, TrialArray } from '../../src/analysis/analysis.js';
import { distanceToIdentity, dsa, dsaMatrix, splitHalfDistance } from '../../src/analysis/dsa/compare.js';
import { fitDmd } from '../../src/analysis/dsa/dmd.js';
import { summariseScan } from '../../src/analysis/dsa/summarise-scan.js';
import { sweepDmd } from '../../src/analysis/dsa/sweep.js';
import { permutation, randomKey } from '../../src/random.js';
import { attractor, linearSystem, lorenz, moved, noise, randomRotation, rotations } from '../support/dynamics.js';

const test = suite('DSA');
const small = { delays: 3, rank: 4, fraction: 1, starts: 1 } as const;
const systems = [0.3, 0.8, 1.5].map((angle) => rotations(angle));
const [first, second, third] = systems as [TrialArray, TrialArray, TrialArray];

test('modes: a list with itself, with one, with another list, and a pair', async () => {
  const square = await dsa(systems, undefined, small);
  assert.equal(
    square.scores.map((row) => row.length),
    [3, 3, 3],
  );
  for (const i of [0, 1, 2]) for (const j of [0, 1, 2]) assert.is(square.scores[i]?.[j], i === j ? 0 : square.scores[j]?.[i]);
  const one = await dsa(systems, second, small);
  assert.equal(
    one.scores,
    square.scores.map((row) => row[1]),
  );
  const lists = await dsa([first, second], [third, second, first], small);
  assert.equal(
    lists.scores,
    [0, 1].map((i) => [2, 1, 0].map((j) => square.scores[i]?.[j])),
  );
  const pair = await dsa(first, third, small);
  assert.is(pair.scores, square.scores[0]?.[2]);
  assert.is(typeof pair.spread, 'number');
  assert.is(pair.fits.length, 2);
});

test('delays and rank may be given per data set; other ranks compare spectra and say so', async () => {
  const mixed = await dsa(first, second, { ...small, delays: [2, 3], rank: [3, 4] });
  assert.equal(
    mixed.fits.map((fit) => [fit.hankel.delays, fit.rank]),
    [
      [2, 3],
      [3, 4],
    ],
  );
  assert.match(mixed.notes.join(), /data sets 0 and 1: ranks 3 and 4 differ/);
  await refused(dsa(systems, undefined, { ...small, delays: [1, 2] }), /delays for each of 3 data sets, got 2/, 'ConfigError');
});

test('analyses give their latents of the validation phase, two trials of them by default', async () => {
  const analysis = (name: string, data: TrialArray) =>
    ({ name, getLatents: (phase = 'all') => Promise.resolve(phase === 'validation' ? data : noise(1, 2, 9, 0)) }) as unknown as Analysis;
  const matrix = await dsaMatrix([analysis('slow', first), analysis('fast', third)], { delays: 3, rank: 4, starts: 1 });
  assert.equal(matrix.settings, {
    metric: 'angular',
    delays: 3,
    interval: 1,
    rank: 4,
    ridge: 1e-8,
    stepsAhead: 1,
    regression: 'ridge',
    phase: 'validation',
    fraction: 0.01,
    optimiser: 'orthogonal',
    seed: 0,
    starts: 1,
  });
  assert.is(matrix.splitHalf.length, 2);
  // halves of one system are closer than two systems
  for (const half of matrix.splitHalf) assert.ok((half as number) < 0.3 * (matrix.scores[0]?.[1] as number), `${half} and ${matrix.scores[0]?.[1]}`);
  await refused(dsa(analysis('short', noise(2, 4, 3, 1)), third, { delays: 9, rank: 2 }), /^short: delayEmbed: expected trials/, 'ShapeError');
});

test('rotated, scaled and reordered data are at distance 0; shifted data are not, as means are not removed', async () => {
  const distances = async (data: TrialArray, other: TrialArray) => (await dsa(data, other, small)).scores;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.01, max: 100, noNaN: true }), async (seed, factor) => {
      const data = rotations(0.2 + (seed % 17) / 10, { seed, noise: 0.1 });
      assert.is(await distances(data, data), 0);
      assert.ok((await distances(data, moved(data, { rotation: randomRotation(4, seed), factor }))) < 1e-6);
      const order = permutation(data.trials, randomKey(seed, 'order'));
      const size = data.steps * data.width;
      const values = Float64Array.from(
        { length: data.values.length },
        (_, at) => data.values[(order[Math.floor(at / size)] as number) * size + (at % size)] as number,
      );
      assert.ok((await distances(data, { ...data, values })) < 1e-6);
      assert.ok((await distances(data, moved(data, { shift: 3 }))) > 0.01);
    }),
    { seed: 5, numRuns: 5 },
  );
});

test('distance to the identity is small for a system that stands still', () => {
  const still = distanceToIdentity(fitDmd(rotations(0.001, { noise: 0 }), { rank: 2 }));
  const turning = distanceToIdentity(fitDmd(rotations(1, { noise: 0 }), { rank: 2 }));
  assert.ok(still < 0.01 && Math.abs(turning - 1) < 0.05, `${still} and ${turning}`);
});

test('halves of one system are closer than two systems; one trial has no halves', async () => {
  const half = await splitHalfDistance(second, { ...small, rank: 2 });
  const between = await dsa(second, third, { ...small, rank: 2 });
  assert.ok((half?.score as number) < 0.2 * between.scores);
  assert.is(await splitHalfDistance(rotations(1, { trials: 1 }), small), null);
});

test('of 20 ring and 20 line attractors, each seen through a map of its own, at least 95 % have a nearest neighbour of their kind', async () => {
  const kinds = Array.from({ length: 40 }, (_, k) => (k < 20 ? ('ring' as const) : ('line' as const)));
  const { scores } = await dsa(
    kinds.map((kind, k) => attractor(kind, k)),
    undefined,
    { delays: 5, rank: 2, fraction: 1, starts: 2 },
  );
  const nearest = scores.map((row, i) => {
    const others = row.map((score, j) => (i === j ? Infinity : score));
    return kinds[others.indexOf(Math.min(...others))];
  });
  const right = nearest.filter((kind, i) => kind === kinds[i]).length;
  assert.ok(right >= 38, `${right} of 40`);
  const mean = (same: boolean) => {
    const chosen = scores.flatMap((row, i) => row.filter((_, j) => i !== j && (kinds[i] === kinds[j]) === same));
    return chosen.reduce((sum, score) => sum + score, 0) / chosen.length;
  };
  assert.ok(mean(true) < 0.6 * mean(false), `within ${mean(true)}, between ${mean(false)}`);
});

test('the Lorenz attractor is predicted from delays of one coordinate, the better the more of them', () => {
  const { cells } = sweepDmd(lorenz(1, 1500), { delays: [1, 5, 20], ranks: [1, 5, 15], ridge: 0 });
  const mase = (row: number, column: number) => cells[row]?.[column]?.mase as number;
  assert.ok(mase(0, 0) > 0.9, `${mase(0, 0)}`);
  assert.ok(mase(1, 1) < 0.05, `${mase(1, 1)}`);
  assert.ok(mase(2, 2) < mase(1, 1) / 2, `${mase(2, 2)}`);
  assert.is(cells[0]?.[1], null);
});

test('a scan tells choices apart on the first trials, and what the data do not have is null', async () => {
  const shares: number[] = [];
  const scan = await summariseScan({ getLatents: async () => lorenz(4, 200) }, { onProgress: (share) => shares.push(share) });
  assert.is(scan.trials, 2);
  assert.ok((scan.mase[1]?.[1] as number) < 0.5 * (scan.mase[1]?.[0] as number), 'five coordinates predict better than two');
  assert.equal([scan.splitHalf[0]?.[0], scan.mase[0]?.[0]], [null, null], 'one delay of one coordinate has no rank 2');
  assert.ok(shares.every((share, i) => share >= (shares[i - 1] ?? 0)) && shares.at(-1) === 1);
  await refused(summariseScan({ getLatents: async () => rotations(1, { trials: 1 }) }), /at least two validation trials, got one/, 'ConfigError');
});

test('a fit that is stopped stops, progress is told, and bad input ends at once', async () => {
  const steps: string[] = [];
  await dsa(systems, undefined, { ...small, onProgress: ({ stage, done, of }) => steps.push(`${stage} ${done}/${of}`) });
  assert.equal(steps, ['fit 1/3', 'fit 2/3', 'fit 3/3', 'compare 1/3', 'compare 2/3', 'compare 3/3']);
  await refused(dsa(systems, undefined, { ...small, signal: AbortSignal.abort() }), /abort/i, 'AbortError');
  await refused(dsa([], undefined, small), /at least one data set/, 'ConfigError');
  await refused(dsa(systems, undefined, { ...small, fraction: 2 }), /fraction above 0 and up to 1, got 2/, 'ConfigError');
  const broken = linearSystem({ width: 3, trials: 3, steps: 30, seed: 1 }).data;
  broken.values[40] = NaN;
  await refused(dsa([first, broken], undefined, small), /data set 1: .*got NaN in trial 0, step 13, unit 1/, 'NumericsError');
  await refused(dsa(noise(2, 20, 3, 1), noise(3, 20, 3, 2), { delays: 18, rank: 9, fraction: 1 }), /data set 0: .*rank 9 and 4 pairs/, 'ShapeError');
});

async function refused(run: Promise<unknown>, pattern: RegExp, name: string): Promise<void> {
  try {
    await run;
  } catch (error) {
    assert.is((error as Error).name, name, String(error));
    assert.match((error as Error).message, pattern);
    return;
  }
  assert.unreachable(`expected ${name}: ${pattern}`);
}

test.run();
