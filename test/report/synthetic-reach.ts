// A made-up summary of a reaching experiment with the shapes of a real one: smooth movements of the arm (or of a point mass), muscles that follow them.
import { bodySummary } from '../../src/analysis/reach-trials.js';
import type { BodySummary, BumpResponse, ExperimentSummary, FigureArray, ReachRun, ReachTrial, RunSummary } from '../../src/analysis/summary-data.js';
import { createBody } from '../../src/arm/create-body.js';
import { normalAt, randomKey, uniformAt } from '../../src/random.js';
import { syntheticSummary } from './synthetic.js';

export interface SyntheticReachOptions {
  readonly models?: readonly string[];
  readonly trials?: number;
  readonly steps?: number;
  readonly epochs?: number;
  readonly body?: 'arm' | 'pointMass';
}

type Pair = readonly [number, number];
const timeStep = 0.01;
const upper = 0.309;
const fore = 0.333;

const arm = bodySummary(createBody({ effector: 'RigidTendonArm26', muscle: 'MujocoHill' }));
const mass = bodySummary(createBody({ effector: 'ReluPointMass24' }));

/** Hand position of joint angles. */
function hand([a, b]: Pair): Pair {
  return [upper * Math.cos(a) + fore * Math.cos(a + b), upper * Math.sin(a) + fore * Math.sin(a + b)];
}

/** Joint angles of a hand position, elbow bent to the left of the line from the shoulder. */
function angles([x, y]: Pair): Pair {
  const cosine = Math.min(1, Math.max(-1, (x * x + y * y - upper ** 2 - fore ** 2) / (2 * upper * fore)));
  const elbow = Math.acos(cosine);
  return [Math.atan2(y, x) - Math.atan2(fore * Math.sin(elbow), upper + fore * Math.cos(elbow)), elbow];
}

/** A summary of `models` on random reaches: trial 0 has a push while moving, trial 1 one while waiting, trial 2 is a catch trial. */
export function syntheticReach({ models = ['GRU-128'], trials = 12, steps = 300, epochs = 60, body = 'arm' }: SyntheticReachOptions = {}): ExperimentSummary {
  const shape = body === 'arm' ? arm : mass;
  const plans = Array.from({ length: trials }, (_, k) => plan(k, steps, body));
  const base = syntheticSummary({
    models: models.map((name) => ({ name, description: `${name} in words`, hiddenSize: 128, quality: 1 })),
    trials,
    steps,
    epochs,
  });
  const inputs: number[] = [];
  const targets: number[] = [];
  plans.forEach((trial, k) => {
    for (let step = 0; step < steps; step++) {
      const seen = trial.targetOn !== null && step >= trial.targetOn && (trial.goCue === null || step < trial.goCue);
      const noise = (channel: number) => 0.04 * normalAt(randomKey(3, 'input'), k, step * 3 + channel);
      inputs.push(
        (seen ? trial.goal[0] : 0) + noise(0),
        (seen ? trial.goal[1] : 0) + noise(1),
        (trial.goCue !== null && step >= trial.goCue ? 0.15 : 0) + noise(2),
      );
      targets.push(...(trial.goCue !== null && step >= trial.goCue ? trial.goal : trial.start));
    }
  });
  return {
    ...base,
    name: 'reach',
    task: {
      name: body === 'arm' ? 'random-target' : 'random-target-reach',
      parameters: { duration: 3, effector: { effector: shape.name } },
      steps,
      stepDuration: timeStep,
      inputLabels: ['TargetX', 'TargetY', 'GoCue'],
      outputLabels: ['HandX', 'HandY'],
      lossKind: 'reach',
      binary: false,
    },
    constantLoss: null,
    runs: base.runs.map((run, m) => reachRun(run, m, shape, plans, steps, epochs)),
    trials: { ...base.trials, inputs: array([trials, steps, 3], inputs), targets: array([trials, steps, 2], targets) },
    reach: { body: shape, trials: plans },
    similarity: models.length > 1 ? base.similarity : null,
  };
}

function array(shape: readonly number[], values: readonly number[]): FigureArray {
  return { shape, values: values.map((value) => Number(value.toPrecision(5))) };
}

function plan(trial: number, steps: number, body: 'arm' | 'pointMass'): ReachTrial {
  const key = randomKey(11, 'trials');
  const draw = (channel: number, low: number, high: number) => low + (high - low) * uniformAt(key, trial, channel);
  const place = (channel: number): Pair =>
    body === 'arm' ? hand([draw(channel, 0.52, 1.83), draw(channel + 1, 0.52, 2.18)]) : [draw(channel, -0.9, 0.9), draw(channel + 1, -0.9, 0.9)];
  const targetOn = Math.round(steps * draw(0, 0.03, 0.1));
  const catches = trial % 6 === 2;
  const goCue = catches ? null : Math.round(targetOn + steps * draw(1, 0.1, 0.45));
  const pushed = trial % 3 < 2;
  const angle = draw(2, 0, 2 * Math.PI);
  const size = draw(3, 5, 10);
  const onset = trial % 3 === 0 && goCue !== null ? goCue + 12 : Math.round(targetOn / 2);
  return {
    start: place(4),
    goal: place(6),
    targetOn,
    goCue,
    bump: pushed ? { onset, steps: Math.max(1, Math.round(steps * 0.07)), force: [size * Math.cos(angle), size * Math.sin(angle)] } : null,
  };
}

/** Course of a smooth movement, 0 to 1 (Flash & Hogan 1985, minimum jerk). */
const course = (u: number) => (u <= 0 ? 0 : u >= 1 ? 1 : u ** 3 * (10 - 15 * u + 6 * u * u));

function reachRun(run: RunSummary, model: number, body: BodySummary, plans: readonly ReachTrial[], steps: number, epochs: number): RunSummary {
  const muscles = body.muscleNames.length;
  const key = randomKey(model, 'movement');
  const joint: number[] = [];
  const positions: number[] = [];
  const motion: number[] = [];
  const activation: number[] = [];
  const force: number[] = [];
  const paths = (skill: number) => plans.flatMap((trial, k) => movement(trial, k, steps, skill, key));
  const best = paths(1);
  plans.forEach((trial, k) => {
    for (let step = 0; step < steps; step++) {
      const at = best[k * steps + step] as Pair;
      const before = best[k * steps + Math.max(0, step - 1)] as Pair;
      const aim = trial.goCue !== null && step >= trial.goCue ? trial.goal : trial.start;
      const velocity: Pair = [(at[0] - before[0]) / timeStep, (at[1] - before[1]) / timeStep];
      positions.push(...at);
      joint.push(...(body.skeleton === 'arm' ? angles(at) : at));
      motion.push(Math.hypot(...velocity), Math.hypot(at[0] - aim[0], at[1] - aim[1]));
      for (let m = 0; m < muscles; m++) {
        const along = velocity[0] * Math.cos(m * 2.4) + velocity[1] * Math.sin(m * 2.4);
        const level = Math.min(1, Math.max(0, 0.06 + 0.9 * Math.max(0, along) + 0.01 * normalAt(key, k + 50, step * muscles + m)));
        activation.push(level);
        force.push(level * (500 + 200 * m));
      }
    }
  });
  const shape = [plans.length, steps] as const;
  const latents = plans.flatMap((_, k) =>
    Array.from({ length: steps }, (__, step) => {
      const at = best[k * steps + step] as Pair;
      return [8 * at[0], 8 * at[1] - 2, 3 * (motion[(k * steps + step) * 2] as number)];
    }).flat(),
  );
  const metrics = {
    endPointError: 0.0231,
    timeToTarget: 0.62,
    peakSpeed: 1.31,
    effort: 0.0213,
    bumpDeviation: 0.034,
    bumpReturn: 0.41,
    catchDeviation: 0.0118,
    positionLoss: 0.0031,
    actionLoss: 0.0212,
  };
  const fall = (from: number, to: number) => Array.from({ length: epochs }, (_, i) => Number((to + (from - to) * Math.exp((-5 * i) / epochs)).toPrecision(5)));
  const reach: ReachRun = {
    joint: array([...shape, 2], joint),
    activation: array([...shape, muscles], activation),
    force: array([...shape, muscles], force),
    motion: array([...shape, 2], motion),
    endPointErrors: Array.from({ length: 60 }, (_, i) => Number((0.0231 * Math.exp(0.6 * normalAt(key, 99, i))).toPrecision(4))),
    bumps: (['delay', 'movement', 'later'] as const).map((phase, i) => bumpResponse(phase, i, muscles)),
    epochs: [0.25, 0.5, 0.95, 1].map((skill, i) => ({
      epoch: [1, Math.ceil(epochs / 25), Math.ceil(epochs / 2), epochs][i] as number,
      error: [0.21, 0.093, 0.031, 0.0231][i] as number,
      hand: array([...shape, 2], paths(skill).flat()),
    })),
    goAligned: {
      window: 20,
      values: array(
        [16, 41, 3],
        Array.from({ length: 16 * 41 }, (_, at) => {
          const [g, s] = [Math.floor(at / 41), at % 41];
          const u = course((s - 18) / 24);
          return [5 * u * Math.cos((g * Math.PI) / 4), 5 * u * Math.sin((g * Math.PI) / 4), 2 * Math.sin(s / 13) + 0.1 * Math.floor(g / 8)];
        }).flat(),
      ),
      directions: Array.from({ length: 16 }, (_, g) => g % 8),
      ratios: [0.51, 0.22, 0.09],
      trials: 143,
    },
  };
  return {
    ...run,
    final: { ...run.final, metrics },
    evaluation: { loss: 0.0243, metrics, accuracyPerOutput: null },
    curves: {
      ...run.curves,
      metrics: {
        ...Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, fall(value * 9, value)])),
      },
    },
    latents: array([...shape, 3], latents),
    outputs: array([...shape, 2], positions),
    memory: null,
    reach,
  };
}

/** The hand of one trial [T]: moves after the go cue, is pushed and comes back; with less skill it curves and stops short. */
function movement(trial: ReachTrial, k: number, steps: number, skill: number, key: ReturnType<typeof randomKey>): Pair[] {
  const [dx, dy] = [trial.goal[0] - trial.start[0], trial.goal[1] - trial.start[1]];
  const bend = 0.08 + 0.5 * (1 - skill) * normalAt(key, k, 1);
  return Array.from({ length: steps }, (_, step) => {
    const u = trial.goCue === null ? 0 : course((step - trial.goCue - 14) / 70) * (0.4 + 0.6 * skill);
    const side = bend * Math.sin(Math.PI * u);
    const push = trial.bump ? Math.max(0, (step - trial.bump.onset) / trial.bump.steps) : 0;
    const shift = push > 0 && trial.bump ? 0.005 * push * Math.exp(1 - push * 0.7) : 0;
    const drift = (channel: number) => 0.002 * Math.sin(step / 40 + channel + k);
    return [
      trial.start[0] + u * dx - side * dy + shift * (trial.bump?.force[0] ?? 0) + drift(0),
      trial.start[1] + u * dy + side * dx + shift * (trial.bump?.force[1] ?? 0) + drift(1),
    ];
  });
}

function bumpResponse(phase: BumpResponse['phase'], i: number, muscles: number): BumpResponse {
  const rise = (size: number, delay: number) =>
    Array.from({ length: 81 }, (_, step) => Number((size * Math.max(0, step - delay) * Math.exp(-Math.max(0, step - delay) / 14)).toPrecision(5)));
  return {
    phase,
    trials: [41, 36, 9][i] as number,
    steps: 22,
    force: 7.4,
    parallel: rise(0.0062 - 0.001 * i, 2),
    perpendicular: rise(0.0009 * (i - 1), 3),
    parallelSpread: rise(0.002, 2),
    perpendicularSpread: rise(0.0012, 2),
    peak: 0.031 - 0.003 * i,
    returnTime: i === 2 ? null : 0.41 + 0.05 * i,
    stretched: Array.from({ length: muscles }, (_, m) => rise(0.01 + 0.002 * m, 4)),
    shortened: Array.from({ length: muscles }, (_, m) => (i === 2 && m === 0 ? null : rise(-0.004, 4))),
  };
}
