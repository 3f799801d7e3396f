// Sources of noise: the random stream of each, and what a plant's senses and muscles add to the network's own.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { observationSize, type Plant, type Sensors } from '../arm/plant.js';
import { type RandomKey, randomKey } from '../random.js';
import { sizeOf, view, type Workspace } from './workspace.js';

/** What each stream is keyed by, besides the seed. */
const purposes = {
  initial: 'initial state noise',
  state: 'state noise',
  input: 'input noise',
  vision: 'vision noise',
  proprioception: 'proprioception noise',
  action: 'action noise',
  observation: 'observation noise',
} as const;

export type NoiseSource = keyof typeof purposes;
export const noiseSources = Object.keys(purposes) as NoiseSource[];
/** Those that only a closed loop has. */
export const sensorSources = ['vision', 'proprioception', 'action', 'observation'] as const satisfies readonly NoiseSource[];
export type SensorSource = (typeof sensorSources)[number];

/** The random streams of one pass; null switches a source of noise off. Draws are keyed by the trial's index in its data set. */
export type NoiseKeys = Readonly<Record<NoiseSource, RandomKey | null>>;

function keysOf(key: (purpose: string) => RandomKey): NoiseKeys {
  return Object.fromEntries(noiseSources.map((source) => [source, key(purposes[source])])) as NoiseKeys;
}

/** Streams for training in `epoch`: fresh noise every time a trial is seen. */
export function trainingKeys(seed: number, epoch: number): NoiseKeys {
  return keysOf((purpose) => randomKey(seed, purpose, epoch));
}

/** Streams for validation and analysis: the same noise on every evaluation of one seed. */
export function evaluationKeys(seed: number): NoiseKeys {
  return keysOf((purpose) => randomKey(seed, `evaluation ${purpose}`));
}

/** A plant that senses and acts without the noise of these sources. */
export function withoutNoise(plant: Plant, sources: readonly SensorSource[]): Plant {
  const sensors: Sensors = { ...plant.sensors, ...Object.fromEntries(sources.map((source) => [noiseOption[source], 0])) };
  return { ...plant, sensors };
}

const noiseOption = { vision: 'visionNoise', proprioception: 'proprioceptionNoise', action: 'actionNoise', observation: 'observationNoise' } as const;

/** Noise of one source in one trial: `rows` draws of `features` numbers. */
export interface NoiseShape {
  readonly rows: number;
  readonly features: number;
  /** Standard deviation of every feature, or one for all. */
  readonly deviation: number | readonly number[];
  /** One draw a row, which all features share. */
  readonly shared: boolean;
}

/**
 * The noise of a plant in trials of T steps, source by source; those without any are left out. Both readings of the initial state and one of every later
 * state count as T + 2 rows of a sense. `inputNoise` is fresh noise on the whole network input: its part on the observation joins the observation noise.
 */
export function sensorNoise(plant: Plant, steps: number, inputNoise: number): Partial<Record<SensorSource, NoiseShape>> {
  const { sensors } = plant;
  const { muscles } = plant.body;
  const shared = sensors.sensoryNoise === 'shared';
  const observed = observationSize(plant);
  const add = (deviation: number) => Math.hypot(deviation, inputNoise);
  const observation = typeof sensors.observationNoise === 'number' ? add(sensors.observationNoise) : sensors.observationNoise.map(add);
  const all: Record<SensorSource, NoiseShape> = {
    vision: { rows: steps + 2, features: 2, deviation: sensors.visionNoise, shared },
    proprioception: { rows: steps + 2, features: 2 * muscles, deviation: sensors.proprioceptionNoise, shared },
    action: { rows: steps, features: muscles, deviation: sensors.actionNoise, shared: false },
    observation: { rows: steps, features: observed, deviation: observation, shared: false },
  };
  const loud = sensorSources.filter((source) => [all[source].deviation].flat().some((deviation) => deviation !== 0));
  return Object.fromEntries(loud.map((source) => [source, all[source]]));
}

/** Name of a source's buffer and of the argument of the closed-loop kernels. */
export const noiseArgument = (source: SensorSource) => `${source}_noise` as const;

/** Whether draws of one deviation go straight to their buffer, or are scaled feature by feature first. */
const isUniform = ({ deviation, shared }: NoiseShape): boolean => typeof deviation === 'number' && !shared;

/** Standard normal draws of one trial that wait for their scale, most of any source. */
export function drawLength(noise: Partial<Record<SensorSource, NoiseShape>>): number {
  return Math.max(0, ...Object.values(noise).map((shape) => (isUniform(shape) ? 0 : shape.rows * (shape.shared ? 1 : shape.features))));
}

/** Draws the noise of a plant into buffers. */
export class NoiseDrawer {
  readonly #backend: Backend;
  readonly #noise: Partial<Record<SensorSource, NoiseShape>>;
  readonly #deviations: Readonly<Record<string, KernelArgument>>;

  /** Puts the deviations of each feature into `workspace`. */
  constructor(workspace: Workspace, noise: Partial<Record<SensorSource, NoiseShape>>) {
    this.#backend = workspace.backend;
    this.#noise = noise;
    this.#deviations = Object.fromEntries(
      Object.entries(noise)
        .filter(([, shape]) => !isUniform(shape))
        .map(([source, { features, deviation }]) => {
          const row = Array.from({ length: features }, (_, i) => (typeof deviation === 'number' ? deviation : (deviation[i] as number)));
          return [source, workspace.upload(row, [features])];
        }),
    );
  }

  /** Fills `target` [b, rows, features]; `draw` is room for `drawLength` numbers a trial. */
  draw(source: SensorSource, key: RandomKey, trialIndices: KernelArgument, target: KernelArgument, draw: KernelArgument | undefined): void {
    const shape = this.#noise[source] as NoiseShape;
    if (isUniform(shape)) {
      drawNormals(this.#backend, key, trialIndices, target, shape.deviation as number);
      return;
    }
    const trials = trialIndices.shape[0] as number;
    const width = shape.shared ? 1 : shape.features;
    const raw = view(draw as KernelArgument, [trials, shape.rows * width]);
    drawNormals(this.#backend, key, trialIndices, raw, 1);
    const flat = (argument: KernelArgument) => view(argument, [sizeOf(argument.shape)]);
    this.#backend.run('elementwise_binary', {
      variant: 'multiply',
      args: { a: flat(raw), b: this.#deviations[source], y: flat(target) },
      params: {
        ...{ n0: 1, n1: 1, n2: trials * shape.rows, n3: shape.features },
        ...{ a_stride0: 0, a_stride1: 0, a_stride2: width, a_stride3: shape.shared ? 0 : 1 },
        ...{ b_stride0: 0, b_stride1: 0, b_stride2: 0, b_stride3: 1 },
      },
    });
  }
}

/** Normal draws times `scale` into `target` [b, …], keyed by the trials. */
export function drawNormals(backend: Backend, key: RandomKey, trialIndices: KernelArgument, target: KernelArgument, scale: number): void {
  const trials = trialIndices.shape[0] as number;
  backend.run('random', {
    variant: 'normal',
    args: { trial: trialIndices, y: view(target, [trials, sizeOf(target.shape.slice(1))]) },
    params: { key0: key[0] | 0, key1: key[1] | 0, scale },
  });
}
