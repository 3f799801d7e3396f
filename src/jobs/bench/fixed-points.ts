// motorloop bench fixed-points: from many starts to speeds below 1e-20, then Jacobians and eigenvalues of the distinct points: what an analysis of a run does.
import { createCellMap } from '../../analysis/fixed-points/cell-map.js';
import { findByLevenbergMarquardt, type LevenbergMarquardtResult } from '../../analysis/fixed-points/find.js';
import { generalEigenvalues } from '../../analysis/eigen.js';
import { uniquePoints } from '../../analysis/fixed-points/unique.js';
import type { StateMap } from '../../analysis/fixed-points/state-map.js';
import type { Backend } from '../../backends/backend.js';
import { ConfigError, NumericsError } from '../../errors.js';
import type { Model } from '../../models/model.js';
import type { JobContext } from '../context.js';
import { type Ceiling, ceilingMethod, measureCeiling } from './ceiling.js';
import {
  type BenchResult,
  configurations,
  type MeasureOptions,
  measuredOn,
  type MeasuredOn,
  type Opened,
  summarise,
  type Timeable,
  type Timing,
  withBackend,
  withReference,
} from './measure.js';
import { printRows } from './print.js';
import { type ThreeBitCell, threeBitCells, threeBitNetwork, threeBitStarts } from './three-bit-network.js';

export interface FixedPointsOptions extends MeasureOptions {
  readonly model: string;
  readonly hidden: number;
  readonly starts: number;
  /** A trained network in place of one made for this; starts are samples of its trajectories. */
  readonly network?: BenchNetwork;
}

export interface BenchNetwork {
  /** What it is, for the row: a run's directory. */
  readonly name: string;
  readonly model: Model;
  readonly parameters: Float32Array;
  /** [starts, state size]. */
  readonly starts: Float64Array;
}

interface Row extends MeasuredOn, Timing {
  readonly bench: 'fixed-points';
  readonly task: string;
  readonly model: string;
  readonly hiddenSize: number;
  /** Starts. */
  readonly batchSize: number;
  readonly steps: null;
  /** Damped steps of all starts: for each 4/3 S³ of the normal equations and their factors (a multiply-add is 2); nothing else counts. */
  readonly gflops: number;
  readonly trialStepsPerSecond: null;
  /** Of the f32 loop, halved: vectors hold half as many f64. */
  readonly ceilingGflops: number | null;
  readonly share: number | null;
  readonly checked: boolean;
  /** Of a Jacobian, relative to its largest entry. */
  readonly checkedDeviation: number;
  readonly dampedSteps: number;
  readonly converged: number;
  /** Largest speed of those that converged. */
  readonly largestSpeed: number;
  readonly unique: number;
  readonly stable: number;
  /** Unique points by their number of unstable directions. */
  readonly byIndex: readonly number[];
}

const tolerance = 1e-20;
const uniqueDistance = 1e-3;
/** Starts of the warm-up. */
const warmUpStarts = 64;
/** Points whose speeds and, of the first, Jacobian are compared with the reference's. */
const checkedPoints = 4;
/** What rounding of f64 explains: of the Jacobian relative to its largest entry; speeds may be a little above the tolerance. */
const checkBound = 1e-11;

export async function fixedPoints(options: FixedPointsOptions, context: JobContext): Promise<BenchResult> {
  const machine = await context.host.machine();
  const timed = fixedPointsCase(options.network ?? madeNetwork(options), context.signal);
  const ceilings: Ceiling[] = [];
  const rows: Row[] = [];
  for (const configuration of await configurations(options)) {
    context.progress.update(`${configuration.backend} ${configuration.variant}, ${configuration.threads} threads`);
    await withBackend(configuration, async (backend) => {
      const ceiling = await measureCeiling(backend);
      if (ceiling) ceilings.push(ceiling);
      rows.push(await measure(backend, timed, options.repeats, ceiling, context.signal));
    });
  }
  printRows(
    context,
    rows.map((row) => [row, `${row.batchSize} starts, ${row.dampedSteps} steps: ${row.converged} converged to ${row.unique} points, ${row.stable} stable`]),
  );
  return { machine, ceiling: { method: ceilingMethod, measured: ceilings }, rows };
}

/** The network that holds three bits. Throws ConfigError for a cell that there is none of. */
export function madeNetwork({ model: cell, hidden, starts }: Pick<FixedPointsOptions, 'model' | 'hidden' | 'starts'>): BenchNetwork {
  const problems: string[] = [];
  if (!threeBitCells.includes(cell as ThreeBitCell))
    problems.push(`--model: expected ${threeBitCells.join(', ')}, got ${JSON.stringify(cell)}; for other cells give a trained network with --run`);
  if (hidden < 6) problems.push(`--hidden: expected at least 6 units, two for each bit, got ${hidden}`);
  if (problems.length > 0) throw new ConfigError('bench fixed-points', problems);
  const { model, parameters } = threeBitNetwork(cell as ThreeBitCell, hidden);
  return { name: 'three bits', model, parameters, starts: threeBitStarts(model, starts) };
}

/** What a run comes to. */
export interface Found {
  readonly ends: LevenbergMarquardtResult;
  /** Distinct converged ends [K, S]. */
  readonly states: Float64Array;
  readonly jacobians: Float64Array;
  /** Unstable directions of each [K]. */
  readonly unstable: readonly number[];
}

async function findAll(map: StateMap, starts: Float64Array, signal: AbortSignal): Promise<Found> {
  const { stateSize: S, inputSize: I } = map;
  const ends = await findByLevenbergMarquardt(map, starts, new Float64Array((starts.length / S) * I), { tolerance, signal });
  const converged = Array.from(ends.speed.keys()).filter((k) => ends.converged[k]);
  const speed = Float64Array.from(converged, (k) => ends.speed[k] as number);
  const candidates = rowsOf(ends.states, converged, S);
  const { kept } = uniquePoints({ states: candidates, inputs: new Float64Array(converged.length * I), speed }, uniqueDistance);
  const states = rowsOf(candidates, Array.from(kept), S);
  const { jacobian: jacobians } = await map.linearise(states, new Float64Array(kept.length * I));
  const unstable = Array.from(kept, (_, k) => {
    const values = generalEigenvalues(jacobians.subarray(k * S * S, (k + 1) * S * S), S, 'bench fixed-points');
    let count = 0;
    for (let i = 0; i < S; i++) if (Math.hypot(values[2 * i] as number, values[2 * i + 1] as number) > 1) count++;
    return count;
  });
  return { ends, states, jacobians, unstable };
}

function rowsOf(values: Float64Array, rows: readonly number[], width: number): Float64Array {
  const picked = new Float64Array(rows.length * width);
  rows.forEach((row, k) => picked.set(values.subarray(row * width, (row + 1) * width), k * width));
  return picked;
}

/** A search to time. */
export interface FixedPointsCase extends Timeable {
  readonly network: BenchNetwork;
  open(backend: Backend): Promise<Omit<Opened, 'run'> & { run(): Promise<Found> }>;
}

/** A search on a network; the signal ends one that is under way. */
export function fixedPointsCase(network: BenchNetwork, signal: AbortSignal = new AbortController().signal): FixedPointsCase {
  const { model, parameters, starts } = network;
  const S = model.stateSize;
  return {
    network,
    async check(backend) {
      const map = createCellMap(backend, model, parameters);
      try {
        return await check(network, await findAll(map, starts.slice(0, warmUpStarts * S), signal));
      } finally {
        await map.dispose?.();
      }
    },
    async open(backend) {
      const map = createCellMap(backend, model, parameters);
      return { run: () => findAll(map, starts, signal), memoryBytes: null, dispose: () => map.dispose?.() };
    },
  };
}

/** Operations of a search: 4/3 S³ a damped step. */
export function searchFlops({ model }: BenchNetwork, { ends }: Found): number {
  return (4 / 3) * model.stateSize ** 3 * dampedStepsOf(ends);
}

const dampedStepsOf = ({ iterations }: LevenbergMarquardtResult): number => iterations.reduce((sum, count) => sum + count, 0);

async function measure(backend: Backend, { network, ...timed }: FixedPointsCase, repeats: number, ceiling: Ceiling | null, signal: AbortSignal): Promise<Row> {
  const { model, starts } = network;
  const S = model.stateSize;
  const deviation = await timed.check(backend);
  const opened = await timed.open(backend);
  try {
    const seconds: number[] = [];
    let found: Found | null = null;
    for (let i = 0; i < repeats; i++) {
      signal.throwIfAborted();
      const begin = performance.now();
      found = await opened.run();
      seconds.push((performance.now() - begin) / 1000);
    }
    const { ends, unstable } = found as Found;
    const timing = summarise(seconds);
    const gflops = searchFlops(network, found as Found) / timing.medianSeconds / 1e9;
    const ceilingGflops = ceiling && ceiling.gflops / 2;
    return {
      bench: 'fixed-points',
      ...measuredOn(backend),
      task: network.name,
      model: model.cell,
      hiddenSize: model.hiddenSize,
      batchSize: starts.length / S,
      steps: null,
      ...timing,
      gflops,
      trialStepsPerSecond: null,
      ceilingGflops,
      share: ceilingGflops && gflops / ceilingGflops,
      checked: true,
      checkedDeviation: deviation,
      dampedSteps: dampedStepsOf(ends),
      converged: ends.converged.reduce((sum, one) => sum + one, 0),
      largestSpeed: ends.speed.reduce((most, speed, k) => (ends.converged[k] ? Math.max(most, speed) : most), 0),
      unique: unstable.length,
      stable: unstable.filter((count) => count === 0).length,
      byIndex: Array.from({ length: Math.max(-1, ...unstable) + 1 }, (_, index) => unstable.filter((count) => count === index).length),
    };
  } finally {
    await opened.dispose();
  }
}

/** Compares points found with the reference: their speeds there, and the Jacobian of the first. Throws NumericsError when rounding does not explain what differs. */
async function check({ model, parameters }: BenchNetwork, { states, jacobians }: Found): Promise<number> {
  const { stateSize: S, inputSize: I } = model;
  const count = Math.min(checkedPoints, states.length / S);
  if (count === 0) throw new NumericsError('bench fixed-points: expected a fixed point from the first starts, got none; is this network trained?');
  return withReference(async (reference) => {
    const map = createCellMap(reference, model, parameters);
    const points = states.subarray(0, count * S);
    const next = await map.evaluate(points, new Float64Array(count * I));
    for (let k = 0; k < count; k++) {
      let speed = 0;
      for (let i = k * S; i < (k + 1) * S; i++) speed += 0.5 * ((next[i] as number) - (points[i] as number)) ** 2;
      if (!(speed < 1.01 * tolerance))
        throw new NumericsError(`bench fixed-points: expected speeds below ${tolerance} in the reference too, got ${speed}; please report this`);
    }
    const { jacobian } = await map.linearise(points.subarray(0, S), new Float64Array(I));
    let [worst, largest] = [0, 0];
    jacobian.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - (jacobians[i] as number)));
      largest = Math.max(largest, Math.abs(value));
    });
    const deviation = worst / largest;
    if (!(deviation <= checkBound))
      throw new NumericsError(
        `bench fixed-points: expected Jacobians within ${checkBound} of the reference, got a deviation of ${deviation}; please report this`,
      );
    return deviation;
  });
}
