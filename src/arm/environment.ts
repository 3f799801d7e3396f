// Environment: a body with senses that a program steps by hand, gym-style: for live control, reinforcement learning, or gradients through the tape.
// After MotorNet's Environment and RandomTargetReach (Codol et al. 2024, doi:10.7554/eLife.88591); what differs stands in docs/arm.md.
import type { Backend, TensorData } from '../backends/backend.js';
import { ConfigError, NumericsError, ShapeError } from '../errors.js';
import { problem } from '../problems.js';
import { randomKey } from '../random.js';
import { tidy } from '../tensor/scope.js';
import { slice } from '../tensor/operations/layout.js';
import { Tensor, tensor, zeros } from '../tensor/tensor.js';
import type { Body } from './body.js';
import { createPlant, sensorInputOf } from './create-plant.js';
import { Effector, type EffectorState, type Loads } from './effector.js';
import { fingertipOf } from './kinematics.js';
import type { EffectorInput, EffectorOptions, SensorInput } from './options.js';
import type { Plant } from './plant.js';
import { type NoiseSwitches, observedSize, Senses } from './senses.js';
import { type Box, box } from './spaces.js';
import { type JointStates, jointStates, randomJoints } from './start.js';

export interface EnvironmentConfig {
  /** A body, or the options of one. */
  readonly effector: EffectorInput | Body;
  /** Default: no delay, no noise. */
  readonly sensors?: SensorInput;
  /**
   * First entries of the observation: `zeros` (or what `reset` is handed), as MotorNet's base class; `random`: the end point of a random posture, as
   * RandomTargetReach; `none`: no such entries, as CtDB. Default: zeros.
   */
  readonly goal?: 'zeros' | 'random' | 'none';
  /** Seconds after which an episode is `terminated`. Default: 1. */
  readonly maxDuration?: number;
  /** Where episodes start unless `reset` says otherwise. Default: anywhere within the joint limits, at rest. */
  readonly initialJoint?: JointStates | null;
  /** Of all draws, until `reset` is given another. Default: 0. */
  readonly seed?: number;
  readonly name?: string;
  /** `motornet`: `deterministic` removes only what it removes in the original (Q12). Default: that of the effector. */
  readonly compat?: 'none' | 'motornet';
}

export interface EnvironmentOptions extends EnvironmentConfig {
  readonly backend: Backend;
  /** Reward of each trial [B] after a step. Default: zeros. Not called by `stepTensors`. */
  readonly reward?: (observation: Numbers, info: StepInfo<Numbers>) => ArrayLike<number>;
}

export type Numbers = Exclude<TensorData, Int32Array>;

export interface ResetOptions {
  /** Starts the stream of draws anew; without it every reset is the next episode of the same stream. */
  readonly seed?: number;
  /** Default: 1, or the rows of `jointState`. */
  readonly batchSize?: number;
  readonly jointState?: JointStates;
  /** Positions [B, 2] or [2], m, in the goal's entries. Not with `goal: 'none'`. */
  readonly goal?: readonly number[] | readonly (readonly number[])[] | Float32Array | Float64Array;
  /** No noise in this reset; with compat motornet no observation noise only. */
  readonly deterministic?: boolean;
}

/** What a program hands to `step`: rows of numbers or one flat list. */
export type Rows = readonly number[] | readonly (readonly number[])[] | Float32Array | Float64Array;

export interface StepOptions<Load> {
  /** No noise in this step; with compat motornet no action noise only. */
  readonly deterministic?: boolean;
  /** Force on the end point, N: [2] for all trials or [B, 2]. */
  readonly endpointLoad?: Load;
  /** Torque on the joints, N·m: [2] for all trials or [B, 2]. */
  readonly jointLoad?: Load;
}

export interface StepInfo<Values> {
  /** Snapshots; shapes as in `EffectorState`, and the position of the end point [B, 2]. */
  readonly states: { readonly joint: Values; readonly muscle: Values; readonly geometry: Values; readonly cartesian: Values; readonly fingertip: Values };
  /** As handed in [B, M]; null after a reset. */
  readonly action: Values | null;
  /** With noise, before it is clamped [B, M]; null after a reset. */
  readonly noisyAction: Values | null;
  /** [B, 2]; null with `goal: 'none'`. */
  readonly goal: Values | null;
}

export interface ResetResult<Values> {
  /** [B, V], row-major: goal, vision, proprioception (lengths, then velocities), earlier actions. */
  readonly observation: Values;
  readonly info: StepInfo<Values>;
}

export interface StepResult<Values> extends ResetResult<Values> {
  /** [B]; null from `stepTensors`. */
  readonly reward: Values | null;
  /** The episode has lasted `maxDuration`. */
  readonly terminated: boolean;
  readonly truncated: false;
}

/**
 * `reset` and `step` take and return plain numbers; `resetTensors` and `stepTensors` stay on the backend and on the gradient tape. Throws ConfigError for a bad
 * body, senses or options; `dispose` gives all memory back.
 */
export class Environment {
  readonly name: string;
  readonly plant: Plant;
  readonly backend: Backend;
  readonly goal: 'zeros' | 'random' | 'none';
  readonly maxDuration: number;
  readonly compat: 'none' | 'motornet';
  /** Box [0, 1] in M dimensions; actions outside are taken and clamped by the muscles. */
  readonly actionSpace: Box;
  /** Unbounded box of V dimensions. */
  readonly observationSpace: Box;
  readonly #initialJoint: JointStates | null;
  readonly #reward: EnvironmentOptions['reward'];
  readonly #effector: Effector;
  readonly #senses: Senses;
  #seed: number;
  #episode = -1;
  #elapsed = 0;
  #state: EffectorState | null = null;
  #goal: Tensor | null = null;

  constructor(options: EnvironmentOptions) {
    const { backend, effector, sensors, goal = 'zeros', maxDuration = 1, initialJoint = null, seed = 0, name = 'Env', reward } = options;
    const problems: string[] = [];
    if (!['zeros', 'random', 'none'].includes(goal)) problems.push(problem(['goal'], 'one of zeros, random, none', goal));
    if (!(maxDuration > 0)) problems.push(problem(['maxDuration'], 'seconds, above 0', maxDuration));
    problems.push(...seedProblems(seed));
    if (problems.length > 0) throw new ConfigError('Environment', problems);
    this.plant = createPlant({ effector, ...(sensors ? { sensors } : {}), leadingInputs: goal === 'none' ? 0 : 2 });
    if (initialJoint !== null) jointStates('Environment', this.plant.body, initialJoint, undefined);
    this.name = name;
    this.backend = backend;
    this.goal = goal;
    this.maxDuration = maxDuration;
    this.compat = options.compat ?? this.plant.body.options.compat;
    this.actionSpace = box(this.plant.body.muscles, 0, 1);
    this.observationSpace = box(observedSize(this.plant, goal !== 'none'), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    this.#initialJoint = initialJoint;
    this.#reward = reward;
    this.#seed = seed;
    this.#effector = new Effector(backend, this.plant.body);
    this.#senses = new Senses(backend, this.plant);
  }

  get body(): Body {
    return this.plant.body;
  }

  /** Seconds since the last reset: time steps added up in double precision, as termination compares them (Q18). */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** The configuration: `new Environment({ backend, ...JSON.parse(JSON.stringify(environment)) })` behaves the same. */
  toJSON(): EnvironmentConfig & { readonly effector: EffectorOptions } {
    const initial = this.#initialJoint;
    return {
      name: this.name,
      effector: this.body.options,
      sensors: sensorInputOf(this.plant),
      goal: this.goal,
      maxDuration: this.maxDuration,
      initialJoint: initial === null ? null : (Array.from(initial as ArrayLike<number>) as number[]),
      seed: this.#seed,
      compat: this.compat,
    };
  }

  /** Starts an episode. Throws ConfigError for initial joints outside the limits, a batch size or seed that is none. */
  async reset(options: ResetOptions = {}): Promise<ResetResult<Numbers>> {
    return readAll(tidy(() => this.resetTensors(options)));
  }

  /**
   * One time step under `action` [M] (all trials alike) or [B, M]. Throws ConfigError before the first reset, ShapeError for another length, NumericsError for
   * numbers that are not finite.
   */
  async step(action: Rows, { endpointLoad, jointLoad, deterministic = false }: StepOptions<Rows> = {}): Promise<StepResult<Numbers>> {
    const result = tidy(() => {
      const load = (name: string, rows: Rows | undefined) => (rows === undefined ? {} : { [name]: this.#upload(name, rows, 2) });
      const loads = { ...load('endpointLoad', endpointLoad), ...load('jointLoad', jointLoad) };
      return this.stepTensors(this.#upload('action', action, this.body.muscles), { deterministic, ...loads });
    });
    const read = (await readAll(result)) as StepResult<Numbers>;
    const batch = (read.info.states.fingertip as Numbers).length / 2;
    const reward = this.#reward ? Float32Array.from(this.#reward(read.observation, read.info)) : new Float32Array(batch);
    if (reward.length !== batch) throw new ShapeError(`Environment.step: expected a reward for each of ${batch} trials, got ${reward.length}`);
    return { ...read, reward };
  }

  /** `reset` on the backend; `jointState` may also be a tensor [B, 4], through which gradients flow and whose limits nobody checks. */
  resetTensors(options: Omit<ResetOptions, 'jointState'> & { readonly jointState?: JointStates | Tensor } = {}): ResetResult<Tensor> {
    const { seed, batchSize, deterministic = false } = options;
    const problems = seed === undefined ? [] : seedProblems(seed);
    if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize > 0)) problems.push(problem(['batchSize'], 'a whole number above 0', batchSize));
    if (problems.length > 0) throw new ConfigError('Environment.reset', problems);
    return tidy(() => {
      // Everything that may be refused comes before anything changes.
      const nextSeed = seed ?? this.#seed;
      const episode = seed === undefined ? this.#episode + 1 : 0;
      const joint = this.#start(options.jointState ?? this.#initialJoint ?? undefined, batchSize, nextSeed, episode);
      const goal = this.#makeGoal(options.goal, joint.shape[0] as number, nextSeed, episode);
      [this.#seed, this.#episode, this.#elapsed] = [nextSeed, episode, 0];
      const noise = this.#switches(deterministic, 'reset');
      const state = this.#effector.reset(joint);
      this.#keep(state, goal);
      this.#senses.reset(nextSeed, episode, state, noise);
      return { observation: this.#senses.observe(goal, this.goal === 'zeros', noise), info: this.#info(state, goal, null, null) };
    });
  }

  /** `step` on the backend: `action` [B, M] and loads [B, 2] or [1, 2] are tensors, everything is recorded on the tape, and there is no reward. */
  stepTensors(action: Tensor, { deterministic = false, endpointLoad, jointLoad }: StepOptions<Tensor> = {}): StepResult<Tensor> {
    const before = this.#state;
    if (before === null) throw new ConfigError('Environment.step', ['expected a reset before the first step, got none; call reset first']);
    return tidy(() => {
      const noise = this.#switches(deterministic, 'step');
      const noisyAction = this.#senses.noisyAction(action, noise);
      const loads: Loads = { endpointLoad: endpointLoad ?? null, jointLoad: jointLoad ?? null };
      const state = this.#effector.step(before, noisyAction, loads);
      this.#elapsed += this.body.timeStep;
      const goal = this.#goal?.share(true) ?? null;
      this.#keep(state, goal);
      this.#senses.advance(state, noisyAction, noise);
      return {
        observation: this.#senses.observe(goal, this.goal === 'zeros', noise),
        reward: null,
        terminated: this.#elapsed >= this.maxDuration,
        truncated: false as const,
        info: this.#info(state, goal, action, noisyAction),
      };
    });
  }

  /** Gives all memory back; the environment is of no use afterwards. Safe to call twice. */
  dispose(): void {
    this.#release();
    this.#senses.dispose();
    this.#effector.dispose();
  }

  /** Initial joint states [B, 4]. */
  #start(given: JointStates | Tensor | undefined, batchSize: number | undefined, seed: number, episode: number): Tensor {
    if (given instanceof Tensor) return given.share(true);
    if (given !== undefined) {
      const { joints, batch } = jointStates('Environment.reset', this.body, given, batchSize);
      return tensor(this.backend, joints, [batch, 4], 'f32');
    }
    const batch = batchSize ?? 1;
    return tensor(this.backend, randomJoints(this.body, randomKey(seed, 'initial joint state', episode), batch), [batch, 4], 'f32');
  }

  #makeGoal(given: ResetOptions['goal'], batch: number, seed: number, episode: number): Tensor | null {
    if (this.goal === 'none') {
      if (given !== undefined)
        throw new ConfigError('Environment.reset', ["goal: expected an environment with a goal, got goal: 'none'; make it with goal: 'zeros'"]);
      return null;
    }
    if (given !== undefined) return this.#spread(rowsOf('Environment.reset', 'goal', given, 2, batch), batch, 2);
    if (this.goal === 'zeros') return zeros(this.backend, [batch, 2]);
    const joints = randomJoints(this.body, randomKey(seed, 'goal', episode), batch);
    return tensor(this.backend, fingertipOf(this.body, joints, batch), [batch, 2], 'f32');
  }

  #switches(deterministic: boolean, call: 'reset' | 'step'): NoiseSwitches {
    if (!deterministic) return { senses: true, action: true, observation: true };
    if (this.compat === 'none') return { senses: false, action: false, observation: false };
    return { senses: true, action: call === 'reset', observation: call === 'step' };
  }

  /** Holds on to a new state with handles that no tidy takes away. */
  #keep({ joint, muscle, geometry, cartesian }: EffectorState, goal: Tensor | null): void {
    const kept = { joint: joint.share(), muscle: muscle.share(), geometry: geometry.share(), cartesian: cartesian.share() };
    const keptGoal = goal?.share() ?? null;
    this.#release();
    this.#state = kept;
    this.#goal = keptGoal;
  }

  #release(): void {
    for (const one of [...Object.values(this.#state ?? {}), this.#goal]) (one as Tensor | null)?.dispose();
    this.#state = null;
    this.#goal = null;
  }

  /** Handles for the caller, apart from those that the environment keeps. */
  #info(state: EffectorState, goal: Tensor | null, action: Tensor | null, noisyAction: Tensor | null): StepInfo<Tensor> {
    const { joint, muscle, geometry, cartesian } = state;
    return {
      states: { joint, muscle, geometry, cartesian, fingertip: slice(cartesian, [null, [0, 2]]) },
      action: action?.share(true) ?? null,
      noisyAction: noisyAction?.share(true) ?? null,
      goal: goal?.share(true) ?? null,
    };
  }

  #upload(name: string, rows: Rows, size: number): Tensor {
    const batch = this.#state?.joint.shape[0];
    if (batch === undefined) throw new ConfigError('Environment.step', ['expected a reset before the first step, got none; call reset first']);
    return this.#spread(rowsOf('Environment.step', name, rows, size, batch), batch, size);
  }

  /** [B, size] of one row for all trials or of B rows. */
  #spread(flat: readonly number[], batch: number, size: number): Tensor {
    const all = flat.length === size ? Array.from({ length: batch }, () => flat).flat() : flat;
    return tensor(this.backend, Float64Array.from(all), [batch, size], 'f32');
  }
}

function seedProblems(seed: unknown): string[] {
  return Number.isSafeInteger(seed) && (seed as number) >= 0 ? [] : [problem(['seed'], 'a whole number of at least 0', seed)];
}

/** One row of `size` numbers or `batch` of them, flat. */
function rowsOf(where: string, name: string, rows: Rows, size: number, batch: number): number[] {
  const isList = Array.isArray(rows) || ArrayBuffer.isView(rows);
  const flat = isList ? (Array.from(rows as ArrayLike<unknown>).flat() as number[]) : [];
  const ragged = Array.isArray(rows) && rows.some((row) => Array.isArray(row) && row.length !== size);
  if (!isList || ragged || (flat.length !== size && flat.length !== size * batch))
    throw new ShapeError(
      `${where}: expected ${name} of ${size} numbers${batch > 1 ? `, or ${batch} rows of ${size}` : ''}, got ${isList ? `${flat.length}${ragged ? ' in uneven rows' : ''}` : typeof rows}`,
    );
  const bad = flat.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NumericsError(`${where}: expected finite numbers in ${name}, got ${String(flat[bad])} at ${bad}`);
  return flat;
}

/** A result with the numbers of its tensors, which are given back. */
async function readAll<Result extends ResetResult<Tensor>>(result: Result): Promise<ResetResult<Numbers>> {
  const found: Tensor[] = [];
  const read = async (value: unknown): Promise<unknown> => {
    if (value instanceof Tensor) {
      found.push(value);
      return value.data();
    }
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, part]) => [key, await read(part)])));
  };
  try {
    return (await read(result)) as ResetResult<Numbers>;
  } finally {
    for (const one of found) one.dispose();
  }
}
