// Tests src/analysis/comparison*.ts on analyses whose likeness is known by construction.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../src/analysis/analysis.js';
import { Comparison } from '../../src/analysis/comparison.js';
import { jointMoments } from '../../src/analysis/comparison-moments.js';
import type { ComparisonSummary } from '../../src/analysis/comparison-data.js';
import { addSamples, createMoments } from '../../src/analysis/moments.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { ConfigError, RunFormatError } from '../../src/errors.js';
import { assertClose } from '../support/assert-close.js';
import { affine, environment, normals, rotations, steps, synthetic, trials } from './compared.js';

const test = suite('comparison');

const rejection = async (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => assert.unreachable('expected an error'),
    (error: Error) => error,
  ) as Promise<Error>;

const base = rotations(4);
const copy = affine(base, 4, 4);
// the first two of four dimensions
const part = base.filter((_, i) => i % 4 < 2);
const shuffled = () => {
  const size = steps * 4;
  return Float64Array.from(base, (_, i) => base[((Math.floor(i / size) * 7 + 3) % trials) * size + (i % size)] as number);
};
const targets = affine(base, 4, 2, 30);

const quick = { environment, dsa: null, fixedPoints: null } as const;
let summary: ComparisonSummary;

test('compares affine copies, parts and shuffled trials as theory says', async () => {
  const comparison = new Comparison();
  comparison.load(synthetic('base', base, { targets, inputs: copy, trueInputs: base }));
  comparison.load(synthetic('copy', copy, { targets, inputs: base, trueInputs: base }));
  comparison.load(synthetic('part', part, { targets }));
  comparison.load(synthetic('shuffled', shuffled(), { targets }));
  summary = await comparison.summarise(quick);
  const r2 = summary.stateR2 as number[][];
  for (let i = 0; i < 4; i++) assert.is(r2[i]?.[i], 1);
  assert.ok((r2[0]?.[1] as number) > 0.99999 && (r2[1]?.[0] as number) > 0.99999, 'an affine copy both ways');
  assert.ok((r2[0]?.[2] as number) > 0.99999, 'the whole tells its part');
  assert.ok((r2[2]?.[0] as number) < 0.95, 'the part does not tell the whole');
  assert.ok((r2[0]?.[3] as number) <= 0.05 && (r2[3]?.[0] as number) <= 0.05, 'other trials tell nothing');
  assert.equal(summary.againstReference.stateR2, r2[0]);
  assert.equal(
    summary.againstReference.reconstructionR2,
    r2.map((row) => row[0]),
    'the other direction',
  );
  assert.is.not(summary.againstReference.stateR2[2], summary.againstReference.reconstructionR2[2]);
  assert.ok((summary.cca[0]?.[1] as number) > 0.9999);
  assert.is(summary.procrustes[0]?.[0], 0);
  assert.ok((summary.procrustes[0]?.[3] as number) > 0.5);
  const decoded = summary.decoding?.r2 as number[][];
  assert.ok(decoded.slice(0, 2).every((row) => row.every((value) => value > 0.99999)));
  assert.ok(
    (decoded[3] as number[]).every((value) => value <= 0.05),
    `other trials: ${decoded[3]}`,
  );
  assertClose(summary.againstReference.inputR2.slice(0, 2) as number[], [1, 1], { case: 'inputs are affine in the true ones', atol: 1e-4 });
});

test('the reference lies in its own components without residual', () => {
  const [reference, copied] = summary.aligned;
  assert.is(reference?.r2, 1);
  assert.equal(reference?.perComponent, [1, 1, 1]);
  assert.equal(reference?.trajectories, reference?.own);
  assert.equal(reference?.trajectories.shape, [4, steps, 3]);
  assertClose(copied?.trajectories.values as number[], reference?.trajectories.values as number[], {
    case: 'an affine copy lies on the reference',
    atol: 1e-3,
  });
});

test('joint moments gathered block by block are those of all features side by side', async () => {
  const sources = [base, copy, part].map((rows, i) => ({ rows, width: [4, 4, 2][i] as number }));
  const joined = new Float64Array(trials * steps * 10);
  for (let sample = 0; sample < trials * steps; sample++) {
    let at = sample * 10;
    for (const { rows, width } of sources) for (let i = 0; i < width; i++) joined[at++] = rows[sample * width + i] as number;
  }
  const loads: string[] = [];
  const features = sources.map(({ rows, width }, i) => ({
    width,
    load: async (phase: string) => {
      loads.push(`${phase} ${i}`);
      return rows;
    },
  }));
  const { train, ranges } = await jointMoments(features);
  assert.equal(ranges.at(-1), { start: 8, length: 2 });
  assert.is(loads.length, 6, 'each is loaded once a phase where memory allows');
  const expected = createMoments(10, train.shift);
  await addSamples(expected, joined);
  assertClose(train.products, expected.products, { case: 'products', rtol: 1e-10, atol: 1e-8 });
  assertClose(train.sums, expected.sums, { case: 'sums', atol: 1e-8 });
  loads.length = 0;
  const tight = await jointMoments(features, { heldBytes: 1, backend: createReferenceBackend() });
  assertClose(tight.train.products, expected.products, { case: 'two held at a time, on a backend', rtol: 1e-5, atol: 1e-3 });
  assert.is(loads.length, 8, 'three pairs and each by itself: one of three is loaded twice a phase');
});

test('rates: R² without a fit, and cycle consistency that falls with dimensions that rates do not show', async () => {
  const rates = affine(base, 4, 6, 40).map((value) => Math.exp(0.3 * value));
  const noisy = new Float64Array(trials * steps * 6);
  const extra = normals(trials * steps * 2, 50);
  for (let i = 0; i < trials * steps; i++) noisy.set([...base.subarray(4 * i, 4 * i + 4), ...extra.subarray(2 * i, 2 * i + 2)], 6 * i);
  const comparison = new Comparison();
  comparison.load(synthetic('true', base, { rates }));
  comparison.load(synthetic('inferred', noisy, { rates: rates.map((value, i) => value + 0.1 * Math.sin(i)) }));
  comparison.load(synthetic('silent', base));
  const { againstReference, notes } = await comparison.summarise(quick);
  assert.is(againstReference.rateR2[0], 1);
  assert.ok((againstReference.rateR2[1] as number) < 1 && (againstReference.rateR2[1] as number) > 0.5);
  assert.is(againstReference.rateR2[2], null);
  assert.ok((againstReference.cycleConsistency[0] as number) > 0.95);
  assert.ok((againstReference.cycleConsistency[1] as number) < 0.8);
  assert.is(notes.length, 2, 'nothing tells whether the trials are the same');
});

test('one reference at most, names of their own, groups in order', () => {
  const comparison = new Comparison();
  assert.is(comparison.reference, -1);
  comparison.load(synthetic('a', base, { group: 'z' }));
  comparison.load(synthetic('b', copy, { group: 'm' }), { reference: true });
  comparison.load(synthetic('c', part), { group: 'a' });
  assert.throws(
    () => comparison.load(synthetic('a', base), { reference: true }),
    (error: ConfigError) =>
      error instanceof ConfigError && error.problems.length === 2 && /got a besides b/.test(error.message) && /"a" twice/.test(error.message),
  );
  assert.is(comparison.reference, 1);
  comparison.regroup();
  assert.equal(
    comparison.analyses.map(({ name }) => name),
    ['c', 'b', 'a'],
  );
  assert.equal(comparison.groups, ['a', 'm', 'z']);
  assert.is(comparison.analyses[comparison.reference]?.name, 'b');
});

test('the first is the reference by default, also after regrouping', () => {
  const comparison = new Comparison()
    .load(synthetic('first', base, { group: 'z' }))
    .load(synthetic('second', copy, { group: 'a' }))
    .regroup();
  assert.is(comparison.analyses[comparison.reference]?.name, 'first');
});

test('trials that differ are named, with what could be had', async () => {
  const other = targets.map((value, i) => (i > 200 ? value + 1 : value));
  const comparison = new Comparison()
    .load(synthetic('a', base, { targets }))
    .load(synthetic('b', copy, { targets: other }))
    .load(synthetic('c', part, { targets: part }));
  const error = await rejection(comparison.summarise(quick));
  assert.instance(error, ConfigError);
  assert.match(error.message, /expected the trials of a, got b: other train targets from trial 2 on/);
  assert.match(error.message, /got c: other/);
  assert.match(error.message, /DSA, dimensions and counts of fixed points can/);
});

test('another number of trials, and trials of another length, are named', async () => {
  const short = { ...synthetic('short', base) };
  const cut = (array: TrialArray): TrialArray => ({ ...array, trials: 3, values: array.values.subarray(0, 3 * array.steps * array.width) });
  const fewer = { ...short, getLatents: async (phase: 'train' | 'validation') => cut(await synthetic('x', base).getLatents(phase)) } as typeof short;
  const error = await rejection(new Comparison().load(synthetic('a', base)).load(fewer).summarise(quick));
  assert.instance(error, ConfigError);
  assert.match(error.message, /expected the trials of a, got short: 3 validation trials × 40 steps, 120 samples, not 4 validation trials/);
});

test('without common trials, dimensions are told and scores are null', async () => {
  const { stateR2, analyses, aligned, againstReference } = await new Comparison()
    .load(synthetic('a', base, { targets }))
    .load(synthetic('b', shuffled(), { targets: part }))
    .summarise({ ...quick, sameTrials: false });
  assert.equal(stateR2, [
    [null, null],
    [null, null],
  ]);
  assert.equal(againstReference.inputR2, [null, null]);
  assert.equal(aligned, []);
  assert.is(analyses[1]?.scree.length, 4);
});

test('numbers that are not finite, and fewer samples than units, are named', async () => {
  const broken = synthetic('broken', base);
  const withNaN = {
    ...broken,
    getLatents: async () => ({ trials: 1, steps: 40, width: 4, lengths: null, values: new Float64Array(160).fill(Number.NaN, 45) }),
  };
  const error = await rejection(new Comparison().load(synthetic('a', base)).load(withNaN).summarise(quick));
  assert.instance(error, RunFormatError);
  assert.match(error.message, /^broken: expected finite validation latents, got NaN in trial 0, step 11, channel 1/);
  const wide = await rejection(
    new Comparison()
      .load(synthetic('a', base))
      .load(synthetic('wide', normals(trials * steps * 700, 3)))
      .summarise(quick),
  );
  assert.match(wide.message, /^wide: expected more than 700 training samples, one a unit, got 640/);
  assert.match((await rejection(new Comparison().load(broken).summarise(quick))).message, /expected two analyses or more, got 1/);
});

test.run();
