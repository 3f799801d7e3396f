// check, kind dsa: the operators of every data set, the original's training of rotations step by step, spectra, and our own search against the original's restarts.
// All of it runs on the host in f64, whatever the backend.
import { cayleyAdam, type CayleyLayers } from '../../analysis/dsa/cayley-adam.js';
import type { Dense } from '../../analysis/dsa/dense.js';
import { type Dmd, type DmdOptions, eigenvalues, fitDmd, fullOperator } from '../../analysis/dsa/dmd.js';
import { leadingTriples } from '../../analysis/dsa/singular.js';
import { compareOperators, mapScore } from '../../analysis/dsa/similarity-transform.js';
import { cheapestFlow, type Points, squaredDistances } from '../../analysis/dsa/transport.js';
import { ConfigError, NumericsError, RunFormatError, ShapeError } from '../../errors.js';
import type { Comparison } from './compare.js';
import type { GoldenFile, Section } from './golden-file.js';

/** Relative bound of what the original trained, as for its curves. */
const trainedBound = 1e-6;
/** How much worse than the best of the original's restarts our own search may be, rad. */
const searchRoom = 1e-3;

/** Replays every data set `data.<name>` and every pair `simdist.<a>_<b>`. */
export function checkDsa(comparison: Comparison): void {
  const { file } = comparison;
  comparison.notes.push('DSA runs on the host in f64, whatever the backend.');
  const config = file.section('config');
  for (const name of names(file, /^data\.(.+)$/)) checkOperator(comparison, config, name);
  for (const pair of names(file, /^simdist\.(?!init\.)(.+)\.[^.]+$/)) checkPair(comparison, config, pair);
  for (const name of names(file, /^(simdist\.init\..+)$/)) comparison.given(name);
}

/** What the pattern's first group is over all tensors, each once. */
function names(file: GoldenFile, pattern: RegExp): string[] {
  return [...new Set(file.names.flatMap((name) => pattern.exec(name)?.slice(1, 2) ?? []))];
}

function square(file: GoldenFile, name: string): Dense {
  const { data, shape } = file.tensor(name, [null, null]);
  const [rows, columns] = shape as [number, number];
  if (rows !== columns) throw new RunFormatError(`${file.name}: expected ${name} as a square matrix, got [${rows}, ${columns}]`);
  return { rows, columns, values: Float64Array.from(data) };
}

/** The setting of one data set: `n_delays` may be one number, or an object by data set. */
function setting(config: Section, key: string, name: string, fallback: number): number {
  const value = config.entry(key);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? config.section(key).number(name, fallback) : config.number(key, fallback);
}

function checkOperator(comparison: Comparison, config: Section, name: string): void {
  const { file } = comparison;
  comparison.given(`data.${name}`);
  const prefix = `dmd.${name}`;
  if (!file.names.some((tensor) => tensor.startsWith(`${prefix}.`))) return;
  const { data, shape } = file.tensor(`data.${name}`);
  if (shape.length !== 2 && shape.length !== 3)
    throw new RunFormatError(`${file.name}: expected data.${name} as [trials, T, dim] or [T, dim], got [${shape.join(', ')}]`);
  const [trials, steps, width] = (shape.length === 2 ? [1, ...shape] : shape) as [number, number, number];
  const dmd = fitted(file, { trials, steps, width, values: Float64Array.from(data), lengths: null }, optionsOf(config, name));
  if (file.has(`${prefix}.singular_values`))
    comparison.compare(`${prefix}.singular_values`, allValues(dmd, file.tensor(`${prefix}.singular_values`, [null]).data.length));
  if (file.has(`${prefix}.A_v`)) comparison.compare(`${prefix}.A_v`, signed(dmd.operator, file.tensor(`${prefix}.A_v`).data));
  if (file.has(`${prefix}.A_havok_dmd`)) comparison.compare(`${prefix}.A_havok_dmd`, fullOperator(dmd).values);
  compareSpectrum(comparison, prefix, eigenvalues(dmd.operator));
}

/** The file's settings; absent ones as in the original class. */
function optionsOf(config: Section, name: string): DmdOptions {
  const options = {
    delays: setting(config, 'n_delays', name, 1),
    interval: setting(config, 'delay_interval', name, 1),
    ridge: setting(config, 'lamb', name, 1e-8),
    stepsAhead: setting(config, 'steps_ahead', name, 1),
  };
  const rules = {
    rank: setting(config, 'rank', name, 0),
    rankThreshold: setting(config, 'rank_thresh', name, 0),
    explainedVariance: setting(config, 'rank_explained_variance', name, 0),
  };
  // a rule of 0 is one that is not there
  return { ...options, ...Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== 0)) };
}

function fitted(file: GoldenFile, data: Parameters<typeof fitDmd>[0], options: DmdOptions): Dmd {
  try {
    return fitDmd(data, options);
  } catch (error) {
    // settings or data that no operator can be had from are the file's fault
    if (error instanceof ConfigError || error instanceof ShapeError || error instanceof NumericsError)
      throw new RunFormatError(`${file.name}: ${error.message}`);
    throw error;
  }
}

/** `count` singular values; those that are rounding are zero. */
function allValues({ hankel, singularValues }: Dmd, count: number): Float64Array {
  const known = singularValues.length >= count ? singularValues : leadingTriples(hankel, count).values;
  const result = new Float64Array(count);
  result.set(known.subarray(0, count));
  return result;
}

/** D A D with the signs D that bring A closest to the golden operator: each sign in turn, from the strongest ties on. */
function signed({ rows: n, values }: Dense, golden: ArrayLike<number>): Float64Array {
  if (golden.length !== values.length) return values;
  const signs = new Float64Array(n);
  // agreement of the signs of i and j
  const tie = (i: number, j: number) =>
    (values[i * n + j] as number) * (golden[i * n + j] as number) + (values[j * n + i] as number) * (golden[j * n + i] as number);
  for (let round = 0; round < n; round++) {
    let best = { node: -1, tie: 0 };
    for (let i = 0; i < n; i++) {
      if (signs[i] !== 0) continue;
      for (let j = 0; j < n; j++) if (signs[j] !== 0 && Math.abs(tie(i, j)) > Math.abs(best.tie)) best = { node: i, tie: tie(i, j) * (signs[j] as number) };
    }
    // a part that is tied to nothing settled has a sign of its own
    if (best.node < 0) signs[signs.indexOf(0)] = 1;
    else signs[best.node] = Math.sign(best.tie);
  }
  return values.map((value, at) => value * (signs[Math.floor(at / n)] as number) * (signs[at % n] as number));
}

/** Eigenvalues as sets: ours in the order that fits the golden ones best. */
function compareSpectrum(comparison: Comparison, prefix: string, ours: Points): void {
  const { file } = comparison;
  if (!file.has(`${prefix}.eig_real`) && !file.has(`${prefix}.eig_imag`)) return;
  const golden: Points = {
    real: Float64Array.from(file.tensor(`${prefix}.eig_real`, [null]).data),
    imaginary: Float64Array.from(file.tensor(`${prefix}.eig_imag`, [null]).data),
  };
  const n = golden.real.length;
  if (golden.imaginary.length !== n)
    throw new RunFormatError(`${file.name}: expected as many ${prefix}.eig_imag as eig_real, got ${golden.imaginary.length} and ${n}`);
  let order = [...ours.real.keys()];
  if (order.length === n) {
    const flow = cheapestFlow(squaredDistances(golden, ours), n, n, 1, 1);
    order = Array.from({ length: n }, (_, i) => flow.subarray(i * n, (i + 1) * n).findIndex((mass) => mass > 0));
  }
  const sorted = (values: Float64Array) => Float64Array.from(order, (at) => values[at] as number);
  comparison.compareWithFloor(`${prefix}.eig_real`, sorted(ours.real));
  comparison.compareWithFloor(`${prefix}.eig_imag`, sorted(ours.imaginary));
}

/** One pair: operators are the stored ones, so that an error in one part does not show in the other. */
function checkPair(comparison: Comparison, config: Section, pair: string): void {
  const { file } = comparison;
  const [a, b] = operatorsOf(file, pair);
  const prefix = `simdist.${pair}`;
  if (file.has(`${prefix}.score_wasserstein_eig`))
    comparison.compareWithFloor(`${prefix}.score_wasserstein_eig`, [compareOperators(a, b, { metric: 'wasserstein' }).score]);
  if (['losses_plain', 'losses_permuted', 'C_star', 'score_angular', 'score_euclidean'].some((name) => file.has(`${prefix}.${name}`))) {
    const recorded = file.has(`${prefix}.losses_plain`) ? (file.tensor(`${prefix}.losses_plain`, [null]).shape[0] as number) : 0;
    const iterations = recorded || config.number('iters', 200);
    const layers = { plain: layersOf(file, pair, 'plain', a.rows), permuted: layersOf(file, pair, 'permuted', a.rows) };
    const found = cayleyAdam(a, b, { iterations, learningRate: config.number('lr', 0.01), layers });
    comparison.compare(`${prefix}.losses_plain`, found.plain, trainedBound);
    comparison.compare(`${prefix}.losses_permuted`, found.permuted, trainedBound);
    comparison.compare(`${prefix}.C_star`, found.map.values, trainedBound);
    comparison.compare(`${prefix}.score_angular`, [mapScore(a, b, found.map, 'angular')], trainedBound);
    comparison.compare(`${prefix}.score_euclidean`, [mapScore(a, b, found.map, 'euclidean')], trainedBound);
  }
  if (file.has(`${prefix}.restart_scores`)) {
    comparison.given(`${prefix}.restart_scores`);
    const best = Array.from(file.tensor(`${prefix}.restart_scores`, [null]).data).reduce((least, score) => Math.min(least, score), Infinity);
    const { score } = compareOperators(a, b);
    // only a worse score counts against us
    comparison.compareStatistic(`${prefix} (own search, angular)`, Math.max(score, best), best, searchRoom);
  }
}

/** The operators of a pair `<a>_<b>`: names may hold underscores themselves. */
function operatorsOf(file: GoldenFile, pair: string): [Dense, Dense] {
  for (let at = pair.indexOf('_'); at >= 0; at = pair.indexOf('_', at + 1)) {
    const [a, b] = [`dmd.${pair.slice(0, at)}.A_v`, `dmd.${pair.slice(at + 1)}.A_v`];
    if (file.has(a) && file.has(b)) return [finite(file, a), finite(file, b)];
  }
  throw new RunFormatError(`${file.name}: expected operators dmd.<a>.A_v and dmd.<b>.A_v of the pair ${pair}, got none`);
}

function finite(file: GoldenFile, name: string): Dense {
  const matrix = square(file, name);
  if (!matrix.values.every(Number.isFinite) || matrix.values.every((value) => value === 0))
    throw new RunFormatError(`${file.name}: expected ${name} finite and not zero, got values that are not`);
  return matrix;
}

function layersOf(file: GoldenFile, pair: string, run: 'plain' | 'permuted', size: number): CayleyLayers {
  const layer = (index: number): Dense => {
    const name = `simdist.init.${pair}.${run}.L${index}`;
    return { rows: size, columns: size, values: Float64Array.from(file.tensor(name, [size, size]).data) };
  };
  return [layer(1), layer(2), layer(3)];
}
