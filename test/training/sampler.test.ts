// Samplers lose no trial, repeat by (seed, epoch), and grouped batches hold one condition each.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchesPerEpoch, epochBatches, type SamplerPlan } from '../../src/training/sampler.js';

const plans = fc
  .record({
    sampler: fc.constantFrom('random', 'sequential', 'grouped'),
    trials: fc.integer({ min: 1, max: 300 }),
    batchSize: fc.integer({ min: 1, max: 80 }),
    conditions: fc.integer({ min: 1, max: 7 }),
    seed: fc.integer({ min: 0, max: 2 ** 40 }),
    epoch: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ sampler, trials, batchSize, conditions, seed, epoch }) => ({
    epoch,
    plan: {
      sampler,
      // Every second trial of the data set, as after a split; conditions of unequal size.
      indices: Int32Array.from({ length: trials }, (_, i) => 2 * i + 1),
      conditions: Int32Array.from({ length: 2 * trials + 1 }, (_, i) => Math.floor(Math.sqrt(i * 13)) % conditions),
      batchSize,
      seed,
    } as SamplerPlan,
  }));
const settings = { seed: 20261122, numRuns: 200 };

test('every sampler emits every trial exactly once an epoch, in batches of at most batchSize', () => {
  fc.assert(
    fc.property(plans, ({ plan, epoch }) => {
      const batches = epochBatches(plan, epoch);
      assert.is(batches.length, batchesPerEpoch(plan));
      assert.ok(batches.every((batch) => batch.length >= 1 && batch.length <= plan.batchSize));
      const emitted = batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
      assert.equal(emitted, [...plan.indices]);
    }),
    settings,
  );
});

test('every sampler gives the same batches for the same seed and epoch', () => {
  fc.assert(
    fc.property(plans, ({ plan, epoch }) => {
      assert.equal(epochBatches(plan, epoch), epochBatches({ ...plan }, epoch));
    }),
    settings,
  );
});

test('the grouped sampler puts one condition in a batch, keeps its order, and alternates between conditions', () => {
  fc.assert(
    fc.property(plans, ({ plan: anyPlan, epoch }) => {
      const plan = { ...anyPlan, sampler: 'grouped' as const };
      const seen = new Map<number, number[]>();
      const rounds = new Map<number, number>();
      for (const batch of epochBatches(plan, epoch)) {
        const condition = plan.conditions[batch[0] as number] as number;
        assert.ok(batch.every((index) => plan.conditions[index] === condition));
        seen.set(condition, [...(seen.get(condition) ?? []), ...batch]);
        rounds.set(condition, (rounds.get(condition) ?? 0) + 1);
        // No condition is ever more than one round ahead of one that still has trials.
        for (const [other, round] of rounds) {
          const left = plan.indices.filter((index) => plan.conditions[index] === other).length > (seen.get(other) ?? []).length;
          if (left) assert.ok((rounds.get(condition) as number) <= round + 1);
        }
      }
      for (const order of seen.values())
        assert.equal(
          order,
          [...order].sort((a, b) => a - b),
        );
    }),
    { ...settings, numRuns: 50 },
  );
});

test('the random sampler shuffles differently in every epoch and for every seed', () => {
  const plan: SamplerPlan = {
    sampler: 'random',
    indices: Int32Array.from({ length: 100 }, (_, i) => i),
    conditions: new Int32Array(100),
    batchSize: 32,
    seed: 3,
  };
  const first = epochBatches(plan, 1);
  assert.equal(
    first.map((batch) => batch.length),
    [32, 32, 32, 4],
  );
  assert.not.equal(first, epochBatches(plan, 2));
  assert.not.equal(first, epochBatches({ ...plan, seed: 4 }, 1));
});

test('15 conditions of 800 trials in batches of 64 give all 195 batches', () => {
  const plan: SamplerPlan = {
    sampler: 'grouped',
    indices: Int32Array.from({ length: 12000 }, (_, i) => i),
    conditions: Int32Array.from({ length: 12000 }, (_, i) => i % 15),
    batchSize: 64,
    seed: 0,
  };
  assert.is(epochBatches(plan, 1).length, 195);
});

test.run();
