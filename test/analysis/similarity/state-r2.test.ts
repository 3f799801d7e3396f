// R² of affine maps over arrays of trials: known answers, invariances, and input that cannot be compared.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stateAndReconstructionR2, stateR2, stateR2Matrix } from '../../../src/analysis/similarity/state-r2.js';
import { trialArray } from '../../../src/analysis/trials.js';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { assertClose } from '../../support/assert-close.js';
import { golden } from '../golden.js';
import { orthogonal } from '../geometry/orthogonal.js';
import { latents, mapped, matrix, permuted, split } from './synthetic.js';

const goldenTrials = (name: string) => {
  const { data, shape } = golden(name);
  return trialArray(data, shape as unknown as [number, number, number]);
};
const near = (a: number | null, b: number, within = 1e-9) => assert.ok(a !== null && Math.abs(a - b) <= within, `expected ${b} within ${within}, got ${a}`);

test('agrees with CtDB both ways, and the reconstruction is really the other direction', async () => {
  const truth = { train: goldenTrials('r2.true_train'), validation: goldenTrials('r2.true_val') };
  const inferred = { train: goldenTrials('r2.pred_train'), validation: goldenTrials('r2.pred_val') };
  const { stateR2: forth, reconstructionR2: back } = await stateAndReconstructionR2(truth, inferred);
  assertClose([forth.r2 as number, back.r2 as number], [0.9203248984200526, 0.7769132049107095], { case: 'both ways', atol: 1e-12 });
  assert.is(forth.perComponent.length, 7);
  assert.is(back.perComponent.length, 5);
});

test('is 1 for an exact affine copy and for the same latents, to 1e-12', async () => {
  const source = latents(1, 20, 15, 6);
  const copy = mapped(source, matrix(2, 6, 9), 9, 3);
  near((await stateR2(split(source), split(copy))).r2, 1, 1e-12);
  near((await stateR2(split(source), split({ ...source, values: source.values.slice() }))).r2, 1, 1e-12);
  const diagonal = await stateR2Matrix([split(source), split(copy)]);
  assert.is(diagonal[0]?.[0]?.r2, 1);
  assert.is(diagonal[1]?.[1]?.r2, 1);
  assert.ok(diagonal[0]?.[0]?.perComponent.every((value) => value !== null && Math.abs(value - 1) < 1e-12));
});

test('is at most 0.05 for permuted trials', async () => {
  const source = latents(3, 60, 20, 5);
  const copy = permuted(mapped(source, matrix(4, 5, 5), 5), 7);
  assert.ok(((await stateR2(split(source), split(copy))).r2 as number) <= 0.05);
});

test('is 1 from a wide copy of a narrow source, less the other way when the wide side has directions of its own', async () => {
  const narrow = latents(5, 30, 10, 3);
  const noise = latents(6, 30, 10, 3);
  const wide = trialArray(
    Float64Array.from({ length: 300 * 6 }, (_, i) =>
      i % 6 < 3 ? (narrow.values[Math.floor(i / 6) * 3 + (i % 6)] as number) : (noise.values[Math.floor(i / 6) * 3 + (i % 6) - 3] as number),
    ),
    [30, 10, 6],
  );
  const r2 = (await stateR2Matrix([split(narrow), split(wide)])).map((row) => row.map((score) => score.r2 as number));
  near(r2[1]?.[0] as number, 1, 1e-12);
  assert.ok((r2[0]?.[1] as number) < 0.8);
});

test('invertible affine maps of the source change nothing; nor do rotation, scaling and shift of the target', async () => {
  const source = latents(8, 12, 10, 4);
  const target = mapped(latents(9, 12, 10, 4), matrix(1, 4, 5), 5);
  const mixed = { ...target, values: target.values.map((value, i) => value + 0.7 * (source.values[Math.floor(i / 5) * 4 + (i % 4)] as number)) };
  const plain = (await stateR2(split(source), split(mixed))).r2 as number;
  const property = fc.asyncProperty(
    fc.integer({ min: 0, max: 1000 }),
    fc.double({ min: 0.1, max: 10, noNaN: true }),
    fc.integer({ min: -5, max: 5 }),
    async (seed, scale, shift) => {
      near((await stateR2(split(mapped(source, matrix(seed, 4, 4), 4, shift)), split(mixed))).r2, plain, 1e-8);
      const turned = mapped(
        mixed,
        orthogonal(5, 5, seed).map((value) => scale * value),
        5,
        shift,
      );
      near((await stateR2(split(source), split(turned))).r2, plain, 1e-8);
    },
  );
  await fc.assert(property, { seed: 5, numRuns: 8 });
});

test('the order of trials within a phase does not matter, as long as it is the same on both sides', async () => {
  const source = latents(10, 10, 8, 3);
  const target = { ...source, values: source.values.map((value, i) => value ** 2 + (i % 3)) };
  const both = async (seed: number | null) => {
    const reorder = (array: typeof source) => (seed === null ? array : permuted(array, seed));
    const [from, to] = [split(source), split(target)];
    return (await stateR2({ train: reorder(from.train), validation: from.validation }, { train: reorder(to.train), validation: to.validation })).r2;
  };
  const plain = (await both(null)) as number;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (seed) => near(await both(seed), plain, 1e-10)),
    { seed: 6, numRuns: 5 },
  );
});

test('is the same on raw latents and on their principal components, variance-weighted', async () => {
  const [source, target] = [latents(11, 12, 10, 4), latents(12, 12, 10, 3)];
  const mixed = { ...target, values: target.values.map((value, i) => value + 0.5 * (source.values[Math.floor(i / 3) * 4 + (i % 3)] as number)) };
  const plain = (await stateR2(split(source), split(mixed))).r2 as number;
  near((await stateR2(split(mapped(source, orthogonal(4, 4, 1), 4)), split(mapped(mixed, orthogonal(3, 3, 2), 3)))).r2, plain, 1e-10);
});

test('trials that end early count up to their end, whatever lies behind it', async () => {
  const source = latents(13, 10, 8, 3);
  const lengths = Int32Array.from({ length: 10 }, (_, trial) => 4 + (trial % 5));
  const cut = {
    ...source,
    lengths,
    values: source.values.map((value, i) => (Math.floor(i / 3) % 8 < (lengths[Math.floor(i / 24)] as number) ? value : Number.NaN)),
  };
  const copy = mapped(cut, matrix(3, 3, 3), 3);
  near((await stateR2(split(cut), split(copy))).r2, 1, 1e-12);
});

test('a backend gives the same numbers to f32', async () => {
  const backend = createReferenceBackend({ precision: 'f32' });
  const [source, target] = [latents(14, 20, 10, 4), latents(15, 20, 10, 3)];
  const mixed = { ...target, values: target.values.map((value, i) => value + 0.5 * (source.values[Math.floor(i / 3) * 4 + (i % 3)] as number)) };
  const plain = (await stateR2(split(source), split(mixed))).r2 as number;
  near((await stateR2(split(source), split(mixed), { backend })).r2, plain, 1e-5);
  await backend.dispose();
});

test('what cannot be compared is named', async () => {
  const message = async (run: Promise<unknown>) =>
    run.then(
      () => 'no error',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  const source = latents(16, 10, 8, 3);
  const other = latents(17, 9, 8, 3);
  assert.match(
    await message(stateR2(split(source), split(other))),
    /ShapeError: stateR2: expected target over the same trials as source, 8 of 8 steps, got 7 of 8/,
  );
  const broken = { ...source, values: source.values.slice() };
  broken.values[3 * 24 + 2 * 3 + 1] = Number.NaN;
  assert.match(
    await message(stateR2(split(source), split(broken))),
    /NumericsError: stateR2: expected finite values, got NaN in target, trial 3, step 2, column 1/,
  );
  const wide = latents(18, 10, 2, 30);
  assert.match(
    await message(stateR2(split(wide), split(latents(19, 10, 2, 3)))),
    /ShapeError: stateR2: expected more than 30 training samples, as the source has 30 dimensions, got 16/,
  );
  assert.throws(() => trialArray(new Float64Array(5), [1, 2, 3]), /expected values of shape \[1, 2, 3\], got 5 values/);
});

test.run();
