// check, kinds fixed_points and fixed_points_golub: our own search finds the fixed points of the file's networks, with their Jacobians, eigenvalues and stability.
// Searches run in f64 kernels. A backend without them (WebGPU) is not what computes here, and the result says so.
import { distance } from '../../analysis/fixed-points/unique.js';
import { createCellMap } from '../../analysis/fixed-points/cell-map.js';
import type { FixedPoints } from '../../analysis/fixed-points/container.js';
import { findFixedPoints } from '../../analysis/fixed-points/search.js';
import { midpoints } from '../../analysis/fixed-points/seeding.js';
import type { StateMap } from '../../analysis/fixed-points/state-map.js';
import type { Backend } from '../../backends/backend.js';
import { kernelSpec } from '../../backends/catalogue.js';
import { RunFormatError } from '../../errors.js';
import { createModel } from '../../models/model.js';
import { fillUniform, randomKey } from '../../random.js';
import { openBackend } from '../open-backend.js';
import type { Comparison } from './compare.js';
import type { GoldenFile } from './golden-file.js';

/** Speeds of the file's points are rounding; so far down two points are told apart, and Jacobians agree to the last digits. */
const speedTolerance = 1e-26;
/** Two fixed points may be nearer than the 1e-3 of searches in trained networks; at speeds of 1e-26 this is far above the error of a point. */
const apart = 1e-5;

/** Replays `<system>.*` of a file: a GRU under constant inputs where there is `weight_ih`, else x' = tanh(weight_hh x + bias). */
export async function checkFixedPoints(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const systems = file.names.filter((name) => name.endsWith('.xstar')).map((name) => name.slice(0, -'.xstar'.length));
  await withCells(backend, comparison, async (cells) => {
    for (const system of systems) await (file.has(`${system}.weight_ih`) ? checkGru : checkTanh)(cells, comparison, system);
  });
}

/** Replays `<network>.*` of a file: h' = tanh(weight_hh h); the whole set of fixed points. What the original stored in float32 informs only. */
export async function checkGolubFixedPoints(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const suffix = '.xstar_float64';
  const networks = file.names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
  await withCells(backend, comparison, async (cells) => {
    for (const network of networks) {
      const hidden = file.tensor(`${network}.weight_hh`, [null, null]).shape[0] as number;
      comparison.given(...['weight_hh', 'xstar', 'F_xstar', 'qstar', 'J_xstar', 'x_init', 'n_iters'].map((name) => `${network}.${name}`));
      const starts = file.has(`${network}.x_init`) ? file.tensor(`${network}.x_init`, [null, hidden]).data : [];
      const map = tanhMap(cells, file, network, null);
      try {
        const points = matched(comparison, `${network}.xstar_float64`, null, await wholeSet(map, starts));
        comparison.compare(`${network}.xstar_float64`, points.states);
        comparison.compare(`${network}.jacobian_float64`, points.jacobians);
        comparison.compareWithFloor(
          `${network}.max_abs_eig_float64`,
          points.eigenvalues.map((values) => Math.hypot(values[0]?.[0] ?? Number.NaN, values[0]?.[1] ?? Number.NaN)),
        );
      } finally {
        await map.dispose?.();
      }
    }
  });
}

/** Runs `check` with a backend that has the f64 kernels of cells: the one being checked, or else the reference, which is noted. */
async function withCells(backend: Backend, comparison: Comparison, check: (cells: Backend) => Promise<void>): Promise<void> {
  const reason = kernelSpec('cell_jacobian').absent?.[backend.description.name];
  if (reason === undefined) return check(backend);
  const reference = await openBackend('reference', {});
  comparison.notes.push(`computed in f64 on the CPU by the reference kernels, not by ${backend.description.name}: ${reason}`);
  try {
    await check(reference);
  } finally {
    await reference.dispose();
  }
}

async function checkGru(cells: Backend, comparison: Comparison, system: string): Promise<void> {
  const { file } = comparison;
  const name = (tensor: string) => `${system}.${tensor}`;
  const inputs = file.tensor(name('inputs'), [null, null]);
  const [count, inputSize] = inputs.shape as [number, number];
  const hidden = file.tensor(name('weight_hh'), [null, null]).shape[1] as number;
  const starts = file.tensor(name('h0'), [count, hidden]).data;
  const model = createModel({ cell: 'gru', hiddenSize: hidden, initialState: 'zeros' }, inputSize, 1);
  const weights = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];
  const parameters = new Float64Array(model.parameterCount);
  for (const weight of weights) {
    const view = model.parameters.find((one) => one.name === `cell.${weight}`);
    if (view) parameters.set(file.tensor(name(weight), view.shape).data, view.offset);
  }
  comparison.given(...[...weights, 'inputs', 'h0'].map(name));
  const map = createCellMap(cells, model, parameters);
  try {
    const held = Float64Array.from(inputs.data);
    const steps = file.section('config').section(system).number('iters', 3000);
    const late = await iterate(map, Float64Array.from(starts), held, steps);
    comparison.compare(name('after_long_run'), late);
    const search = await findFixedPoints(map, { starts: Float64Array.of(...starts, ...late), inputs: Float64Array.of(...held, ...held), ...wholeSearch });
    compareSet(comparison, system, matched(comparison, name('xstar'), held, search.unique));
  } finally {
    await map.dispose?.();
  }
}

async function checkTanh(cells: Backend, comparison: Comparison, system: string): Promise<void> {
  const { file } = comparison;
  const name = (tensor: string) => `${system}.${tensor}`;
  const hidden = file.tensor(name('weight_hh'), [null, null]).shape[0] as number;
  const starts = file.has(name('initial_states')) ? file.tensor(name('initial_states'), [null, hidden]).data : [];
  comparison.given(...['weight_hh', 'bias', 'initial_states'].map(name));
  const map = tanhMap(cells, file, system, name('bias'));
  try {
    const points = matched(comparison, name('xstar'), null, await wholeSet(map, starts));
    compareSet(comparison, system, points);
    comparison.compareExactly(
      name('is_stable'),
      points.eigenvalues.map((values) => (Math.hypot(...(values[0] ?? [Number.NaN])) < 1 ? 1 : 0)),
    );
    const settled = await settle(map, Float64Array.from(starts));
    const ends = Array.from({ length: settled.length / hidden }, (_, k) => nearest(points.states, hidden, settled.subarray(k * hidden, (k + 1) * hidden)));
    comparison.compareExactly(name('converges_to'), ends);
  } finally {
    await map.dispose?.();
  }
}

/** x' = tanh(weight_hh x + bias) as a cell: a vanilla RNN whose input weighs nothing. */
function tanhMap(cells: Backend, file: GoldenFile, system: string, bias: string | null): StateMap {
  const weight = file.tensor(`${system}.weight_hh`, [null, null]);
  const hidden = weight.shape[0] as number;
  if (weight.shape[1] !== hidden) throw new RunFormatError(`${file.name}: expected ${system}.weight_hh [H, H], got [${weight.shape.join(', ')}]`);
  const model = createModel({ cell: 'rnn', hiddenSize: hidden, initialState: 'zeros' }, 1, 1);
  const parameters = new Float64Array(model.parameterCount);
  const offset = (name: string) => model.parameters.find((one) => one.name === name)?.offset ?? 0;
  parameters.set(weight.data, offset('cell.weight_hh'));
  if (bias !== null) parameters.set(file.tensor(bias, [hidden]).data, offset('cell.bias_ih'));
  return createCellMap(cells, model, parameters);
}

/** Everything that is a fixed point counts, wherever it lies. */
const wholeSearch = { tolerance: speedTolerance, uniqueTolerance: apart, outlierDistance: Number.POSITIVE_INFINITY, maxSlow: 0 } as const;

/** Levels of a grid over [−1, 1] in each of a few dimensions, as many as keep it below this many points. */
const mostGridPoints = 729;
const randomStarts = 256;
const rounds = 5;

/** All fixed points of a tanh network, which lie in [−1, 1]ⁿ: from the file's starts, a grid, random states, and midpoints of what was found, until no more turn up. */
async function wholeSet(map: StateMap, starts: ArrayLike<number>): Promise<FixedPoints> {
  const { stateSize, inputSize } = map;
  const random = new Float64Array(randomStarts * stateSize);
  fillUniform(random, randomKey(0, 'check fixed points'), 0);
  // the origin first: without a bias it is a fixed point, and then it comes out exactly
  const all = [...new Float64Array(stateSize), ...Array.from(starts), ...grid(stateSize), ...random.map((value) => 2 * value - 1)];
  let { unique } = await findFixedPoints(map, { starts: all, ...wholeSearch });
  for (let round = 0; round < rounds; round++) {
    const { states } = midpoints({ states: unique.states, inputs: unique.inputs, stateSize, inputSize, length: unique.length });
    if (states.length === 0) break;
    const more = await findFixedPoints(map, { starts: states, ...wholeSearch });
    const merged = unique.merge(more.unique, apart);
    if (merged.length === unique.length) break;
    unique = merged;
  }
  return unique;
}

/** A grid over [−1, 1]ⁿ with an odd number of levels, which has the origin and the corners. */
function grid(dimensions: number): number[] {
  let levels = 3;
  while ((levels + 2) ** dimensions <= mostGridPoints && levels < 15) levels += 2;
  if (levels ** dimensions > mostGridPoints) return [];
  return Array.from({ length: levels ** dimensions }, (_, k) =>
    Array.from({ length: dimensions }, (_, axis) => ((Math.floor(k / levels ** axis) % levels) * 2) / (levels - 1) - 1),
  ).flat();
}

/** Points of ours in the order of the file. Where one is missing there is NaN, which meets no bound. */
interface Matched {
  readonly states: Float64Array;
  readonly next: Float64Array;
  readonly speed: Float64Array;
  readonly jacobians: Float64Array;
  /** Of each point, by falling modulus. */
  readonly eigenvalues: readonly (readonly (readonly [number, number])[])[];
}

/** Gives every point of the file the nearest of ours that no other has; the two sets must be equally large. With `inputs` [K, I], points under the same input only. */
function matched(comparison: Comparison, name: string, inputs: Float64Array | null, points: FixedPoints): Matched {
  const { stateSize, inputSize } = points;
  const golden = comparison.file.tensor(name, [null, stateSize]);
  const count = golden.shape[0] as number;
  comparison.compareStatistic(`${name}: number of points`, points.length, count, 0);
  const taken = new Set<number>();
  const rows = Array.from({ length: count }, (_, k) => {
    const target = golden.data.subarray(k * stateSize, (k + 1) * stateSize);
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let own = 0; own < points.length; own++) {
      const input = points.inputs.subarray(own * inputSize, (own + 1) * inputSize);
      if (taken.has(own) || (inputs && distance(input, inputs.subarray(k * inputSize, (k + 1) * inputSize)) > 0)) continue;
      const away = distance(points.states.subarray(own * stateSize, (own + 1) * stateSize), target);
      if (away < least) [best, least] = [own, away];
    }
    if (best >= 0) taken.add(best);
    return best < 0 ? null : points.at(best);
  });
  const pack = (of: (row: NonNullable<(typeof rows)[number]>) => ArrayLike<number>, width: number) => {
    const packed = new Float64Array(count * width).fill(Number.NaN);
    rows.forEach((row, k) => {
      if (row) packed.set(of(row), k * width);
    });
    return packed;
  };
  return {
    states: pack((row) => row.state, stateSize),
    next: pack((row) => row.next, stateSize),
    speed: pack((row) => [row.speed], 1),
    jacobians: pack((row) => row.jacobian as Float64Array, stateSize ** 2),
    eigenvalues: rows.map((row) =>
      Array.from({ length: row ? stateSize : 0 }, (_, i) => [row?.eigenvalues?.[2 * i] as number, row?.eigenvalues?.[2 * i + 1] as number] as const),
    ),
  };
}

/** Compares what both kinds of systems have. Eigenvalues are sets: those of one modulus may stand in another order. */
function compareSet(comparison: Comparison, system: string, points: Matched): void {
  const { file } = comparison;
  comparison.compare(`${system}.xstar`, points.states);
  comparison.compare(`${system}.F_xstar`, points.next);
  comparison.compareWithFloor(`${system}.q`, points.speed);
  comparison.compare(`${system}.jacobian`, points.jacobians);
  if (!file.has(`${system}.eig_real`) || !file.has(`${system}.eig_imag`)) return;
  const real = file.tensor(`${system}.eig_real`, [null, null]);
  const imaginary = file.tensor(`${system}.eig_imag`, real.shape).data;
  const width = real.shape[1] as number;
  const ordered = points.eigenvalues.flatMap((values, k) =>
    inOrderOf(values, (i) => [real.data[k * width + i] as number, imaginary[k * width + i] as number], width),
  );
  comparison.compareWithFloor(
    `${system}.eig_real`,
    ordered.map(([value]) => value),
  );
  comparison.compareWithFloor(
    `${system}.eig_imag`,
    ordered.map(([, value]) => value),
  );
}

/** Eigenvalues in the order of others: each takes the nearest that is left. */
function inOrderOf(
  values: readonly (readonly [number, number])[],
  target: (i: number) => readonly [number, number],
  count: number,
): (readonly [number, number])[] {
  const left = [...values];
  return Array.from({ length: count }, (_, i) => {
    const [real, imaginary] = target(i);
    const distances = left.map(([a, b]) => Math.hypot(a - real, b - imaginary));
    const best = distances.indexOf(Math.min(...distances));
    return best < 0 ? ([Number.NaN, Number.NaN] as const) : (left.splice(best, 1)[0] as readonly [number, number]);
  });
}

/** The states after `steps` plain steps. */
async function iterate(map: StateMap, states: Float64Array, inputs: Float64Array, steps: number): Promise<Float64Array> {
  let current = states;
  for (let step = 0; step < steps; step++) current = await map.evaluate(current, inputs);
  return current;
}

const mostSettling = 20_000;

/** Plain steps until nothing moves any more. */
async function settle(map: StateMap, states: Float64Array): Promise<Float64Array> {
  const inputs = new Float64Array((states.length / map.stateSize) * map.inputSize);
  let current = states;
  for (let step = 0; step < mostSettling; step++) {
    const next = await map.evaluate(current, inputs);
    const moved = next.reduce((most, value, i) => Math.max(most, Math.abs(value - (current[i] as number))), 0);
    current = next;
    if (moved < 1e-14) break;
  }
  return current;
}

/** Index of the nearest row, −1 where it is no nearer than 1e-3: the states have settled nowhere. */
function nearest(rows: Float64Array, width: number, state: Float64Array): number {
  const distances = Array.from({ length: rows.length / width }, (_, k) => distance(rows.subarray(k * width, (k + 1) * width), state));
  const best = distances.indexOf(Math.min(...distances));
  return best >= 0 && (distances[best] as number) < 1e-3 ? best : -1;
}
