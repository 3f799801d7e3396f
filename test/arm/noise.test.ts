// Every source of noise through the Environment: variance, no bias, normal tails; independent across channels, trials, time, episodes, seeds and sources.
// Bounds are 4.5 standard errors of each statistic; with fixed seeds a test that passes passes for ever.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Environment, type EnvironmentConfig } from '../../src/arm/environment.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { tensor, tidy } from '../../src/tensor/index.js';

const backend = createReferenceBackend();
const trials = 250;
const steps = 24;
const errors = 4.5;
const body = { effector: 'ReluPointMass24' } as const;

type Source = 'vision' | 'proprioception' | 'action' | 'observation' | 'goal';
/** Draws [T, B, F] of one source. */
interface Draws {
  readonly values: Float64Array;
  readonly features: number;
}

/** Runs a mass that rests (equal pulls) and returns what the senses and actions add to the truth. */
async function draw(sensors: EnvironmentConfig['sensors'], seed = 1, episode = 0): Promise<Record<Source, Draws>> {
  const environment = new Environment({ backend, ...body, effector: body, ...(sensors ? { sensors } : {}) });
  const found: Record<Source, number[]> = { vision: [], proprioception: [], action: [], observation: [], goal: [] };
  for (let before = 0; before < episode; before++) environment.resetTensors(before === 0 ? { seed } : {});
  const start = { jointState: [0, 0], batchSize: trials };
  await environment.reset(episode === 0 ? { ...start, seed } : start);
  const action = [0.5, 0.5, 0.5, 0.5];
  for (let k = 0; k < steps; k++) {
    const { observation, info } = await environment.step(action);
    const { fingertip, muscle } = info.states;
    for (let trial = 0; trial < trials; trial++) {
      const row = observation.subarray(trial * 12, (trial + 1) * 12);
      // Relu muscles feel length and velocity in SI units.
      const truth = [0, 0, fingertip[2 * trial] as number, fingertip[2 * trial + 1] as number, ...muscle.subarray((trial * 4 + 1) * 4, (trial * 4 + 3) * 4)];
      const noise = truth.map((value, index) => (row[index] as number) - value);
      found.goal.push(...noise.slice(0, 2));
      found.vision.push(...noise.slice(2, 4));
      found.proprioception.push(...noise.slice(4));
      found.observation.push(...noise);
      for (let m = 0; m < 4; m++) found.action.push((info.noisyAction?.[trial * 4 + m] as number) - (action[m] as number));
    }
  }
  environment.dispose();
  const features = { vision: 2, proprioception: 8, action: 4, observation: 12, goal: 2 };
  return Object.fromEntries(
    Object.entries(found).map(([source, values]) => [source, { values: Float64Array.from(values), features: features[source as Source] }]),
  ) as Record<Source, Draws>;
}

/** All values of a feature, [T·B] with trials inside. */
function feature({ values, features }: Draws, index: number): number[] {
  return Array.from({ length: values.length / features }, (_, row) => values[row * features + index] as number);
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [moments(a), moments(b)];
  const product = a.reduce((sum, value, index) => sum + (value - first.mean) * ((b[index] as number) - second.mean), 0) / a.length;
  return product / Math.sqrt(first.variance * second.variance);
}

function assertUncorrelated(a: readonly number[], b: readonly number[], what: string): void {
  const r = correlation(a, b);
  assert.ok(Math.abs(r) < errors / Math.sqrt(a.length), `${what}: correlation ${r} of ${a.length} draws`);
}

/** Mean 0, the given deviations, normal tails, and no dependence on channel, time or trial. */
function assertWhite(draws: Draws, deviations: readonly number[], name: string): void {
  const rows = draws.values.length / draws.features;
  deviations.forEach((deviation, index) => {
    const values = feature(draws, index);
    const { mean, variance } = moments(values);
    assert.ok(Math.abs(mean) < (errors * deviation) / Math.sqrt(rows), `${name} ${index}: mean ${mean}`);
    assert.ok(Math.abs(variance / deviation ** 2 - 1) < errors * Math.sqrt(2 / rows), `${name} ${index}: variance ${variance} for deviation ${deviation}`);
    const outside = values.filter((value) => Math.abs(value) > 2 * deviation).length / rows;
    assert.ok(Math.abs(outside - 0.0455) < errors * Math.sqrt((0.0455 * 0.9545) / rows), `${name} ${index}: ${outside} beyond two deviations`);
    for (const lag of [1, 2, 7]) assertUncorrelated(values.slice(0, -lag * trials), values.slice(lag * trials), `${name} ${index} at lag ${lag}`);
    const neighbour = values.map((_, row) => values[row - (row % trials) + ((row + 1) % trials)] as number);
    assertUncorrelated(values, neighbour, `${name} ${index} of neighbouring trials`);
    for (let other = 0; other < draws.features; other++) {
      if (other === index) continue;
      const partner = feature(draws, other);
      assertUncorrelated(values, partner, `${name} ${other} and ${index}`);
      assertUncorrelated(values.slice(0, -trials), partner.slice(trials), `${name} ${index} and ${other} one step later`);
    }
  });
  // Against drift: the first and the last third of an episode have the same mean.
  const third = Math.floor(rows / 3) * draws.features;
  const ends = [draws.values.slice(0, third), draws.values.slice(-third)].map(
    (part) => moments([...part].map((value, index) => value / (deviations[index % draws.features] as number))).mean,
  );
  assert.ok(Math.abs((ends[0] as number) - (ends[1] as number)) < errors * Math.sqrt(2 / third), `${name}: drifts from ${ends[0]} to ${ends[1]}`);
}

const same = (count: number, deviation: number) => new Array<number>(count).fill(deviation);

test('vision noise is white, with the deviation asked for', async () => {
  const draws = await draw({ visionNoise: 0.02 });
  assertWhite(draws.vision, same(2, 0.02), 'vision');
  assert.ok(draws.proprioception.values.every((value) => Math.abs(value) < 1e-12) && draws.action.values.every((value) => value === 0));
});

test('proprioception noise is white, in each length and velocity', async () => {
  const draws = await draw({ proprioceptionNoise: 0.05 });
  assertWhite(draws.proprioception, same(8, 0.05), 'proprioception');
  assert.ok(draws.vision.values.every((value) => Math.abs(value) < 1e-12));
});

test('action noise is white, in each muscle, and moves the body', async () => {
  const draws = await draw({ actionNoise: 0.03 });
  assertWhite(draws.action, same(4, 0.03), 'action');
});

test('observation noise is white, in every entry with the goal', async () => {
  assertWhite((await draw({ observationNoise: 0.04 })).observation, same(12, 0.04), 'observation');
});

test('deviations may differ from feature to feature', async () => {
  const muscles = [0.01, 0.02, 0.03, 0.04];
  const proprioceptionNoise = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08];
  const draws = await draw({ visionNoise: [0.01, 0.05], proprioceptionNoise, actionNoise: muscles }, 2);
  assertWhite(draws.vision, [0.01, 0.05], 'vision');
  assertWhite(draws.proprioception, proprioceptionNoise, 'proprioception');
  assertWhite(draws.action, muscles, 'action');
  const some = await draw({ visionNoise: [0, 0.1], observationNoise: [0.01, 0.02, 0, 0, 0, 0, 0, 0, 0, 0.03] }, 3);
  assert.ok(some.goal.values.every((value) => value === 0));
  assert.ok(feature(some.observation, 4).every((value) => Math.abs(value) < 1e-12));
  const { variance } = moments(feature(some.vision, 1));
  assert.ok(Math.abs(variance / (0.1 ** 2 + 0.02 ** 2) - 1) < errors * Math.sqrt(2 / (trials * steps)), `variances add up, got ${variance}`);
});

test('shared sensory noise is one draw a trial, step and sense; action noise stays independent', async () => {
  const draws = await draw({ visionNoise: 0.02, proprioceptionNoise: 0.05, actionNoise: 0.03, sensoryNoise: 'shared' }, 4);
  for (const [source, deviation] of [
    ['vision', 0.02],
    ['proprioception', 0.05],
  ] as const) {
    const first = feature(draws[source], 0);
    for (let other = 1; other < draws[source].features; other++) {
      const values = feature(draws[source], other);
      assert.ok(
        values.every((value, row) => Math.abs(value - (first[row] as number)) < 1e-12),
        `${source} ${other}`,
      );
    }
    assertWhite({ values: Float64Array.from(first), features: 1 }, [deviation], source);
  }
  assertUncorrelated(feature(draws.vision, 0), feature(draws.proprioception, 0), 'the two senses');
  assertWhite(draws.action, same(4, 0.03), 'action');
});

test('sources, seeds and episodes have nothing to do with each other', async () => {
  const sensors = { visionNoise: 0.02, proprioceptionNoise: 0.05, actionNoise: 0.03 };
  const runs = [await draw(sensors, 5), await draw(sensors, 6), await draw(sensors, 5, 1), await draw(sensors, 5, 2)];
  const all = runs.flatMap((draws, run) =>
    (['vision', 'proprioception', 'action'] as const).map((source) => [`${source} of run ${run}`, feature(draws[source], 0)] as const),
  );
  all.forEach(([name, values], index) => {
    for (const [other, before] of all.slice(0, index)) assertUncorrelated(values, before, `${name} and ${other}`);
  });
});

test('noise on actions reaches the muscles unclamped in the observation, clamped in the body', () => {
  const environment = new Environment({ backend, effector: body, sensors: { actionNoise: 2, actionFrames: 1 } });
  const { noisy, seen, activation } = tidy(() => {
    environment.resetTensors({ batchSize: 50, seed: 1 });
    const { observation, info } = environment.stepTensors(tensor(backend, new Float64Array(200), [50, 4], 'f32'));
    return { noisy: info.noisyAction, seen: observation, activation: info.states.muscle };
  });
  return Promise.all([noisy?.data(), seen.data(), activation.data()]).then(([noisy, seen, muscle]) => {
    environment.dispose();
    assert.ok(noisy?.some((value) => value < 0) && noisy.some((value) => value > 1));
    for (let trial = 0; trial < 50; trial++) {
      for (let m = 0; m < 4; m++) {
        assert.is(seen[trial * 16 + 12 + m], noisy?.[trial * 4 + m]);
        const activation = muscle[trial * 16 + m] as number;
        assert.ok(activation >= 0 && activation <= 1);
      }
    }
  });
});

test.run();
