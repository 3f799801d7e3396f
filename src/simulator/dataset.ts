// A simulated population as a data set that other programs train on: the keys that CtDB's have, `train_…` and `valid_…`, in one .npz or HDF5 file.
import { ConfigError, RunFormatError } from '../errors.js';
import { isHdf5, readHdf5, writeHdf5 } from '../runs/hdf5.js';
import { readNpz, writeNpz } from '../runs/npz.js';
import type { ArrayTensor } from '../runs/safetensors.js';
import type { TrialArray } from '../analysis/analysis.js';
import type { SimulatedRun } from './simulate-run.js';
import type { Embedding } from './simulator.js';

/** Bytes of a data set's arrays at most: fields of a zip count to 4 GB, and the memory of the HDF5 library ends there. */
const mostBytes = 2e9;

/**
 * The arrays of a data set by name. Of training (`train_`) and of validation trials (`valid_`): `encod_data` [S, T, held in] and `recon_data` [S, T, N], counts;
 * `activity` [S, T, N], the rates; `inputs` [S, T, I]; `latents` [S, T, H]; `extra` [S, E] where the task has any; `inds` [S], numbers in the run's data set;
 * `lengths` [S] where trials differ. Of both: `perm` [N], `readout` [H, N] with one 1 a column, `mean` [1] and `std` [1] of the activity.
 */
export function datasetArrays(simulated: SimulatedRun): Map<string, ArrayTensor> {
  const { trials: all, training, embedding, options } = simulated;
  const { perm, units, mean, std } = embedding;
  const { neurons, heldOut } = options;
  const { trials, steps } = all.rates;
  const arrays = new Map<string, ArrayTensor>();
  for (const [prefix, first, end] of [
    ['train', 0, training],
    ['valid', training, trials],
  ] as const) {
    const count = end - first;
    const part = ({ width, values }: TrialArray): ArrayTensor['data'] => values.subarray(first * steps * width, end * steps * width);
    const put = (name: string, width: number, data: ArrayTensor['data']) => arrays.set(`${prefix}_${name}`, { shape: [count, steps, width], data });
    const spikes = all.spikes.subarray(first * steps * neurons, end * steps * neurons);
    put('encod_data', neurons - heldOut, leadingColumns(spikes, neurons, neurons - heldOut));
    put('recon_data', neurons, spikes);
    put('activity', neurons, part(all.rates));
    put('latents', all.latents.width, part(all.latents));
    if (all.inputs) put('inputs', all.inputs.width, part(all.inputs));
    if (all.extra) {
      const { width, values } = all.extra;
      arrays.set(`${prefix}_extra`, { shape: [count, width], data: values.subarray(first * width, end * width) });
    }
    arrays.set(`${prefix}_inds`, { shape: [count], data: all.indices.slice(first, end) });
    if (all.rates.lengths) arrays.set(`${prefix}_lengths`, { shape: [count], data: all.rates.lengths.slice(first, end) });
  }
  const readout = new Float32Array(units * neurons);
  perm.forEach((unit, neuron) => {
    readout[unit * neurons + neuron] = 1;
  });
  arrays.set('readout', { shape: [units, neurons], data: readout });
  arrays.set('perm', { shape: [neurons], data: perm });
  arrays.set('mean', { shape: [1], data: Float64Array.of(mean) });
  arrays.set('std', { shape: [1], data: Float64Array.of(std) });
  return arrays;
}

function leadingColumns(values: Int32Array, width: number, count: number): Int32Array {
  if (count === width) return values;
  const result = new Int32Array((values.length / width) * count);
  for (let row = 0; row * width < values.length; row++) result.set(values.subarray(row * width, row * width + count), row * count);
  return result;
}

export const datasetFormats = ['npz', 'h5'] as const;
export type DatasetFormat = (typeof datasetFormats)[number];

/** A data set as the bytes of one file. Throws ConfigError for more than two gigabytes, and where h5wasm is missing (`h5`). */
export async function writeDataset(arrays: ReadonlyMap<string, ArrayTensor>, format: DatasetFormat, where: string): Promise<Uint8Array> {
  const bytes = [...arrays.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > mostBytes)
    throw new ConfigError(where, [`expected arrays of at most ${mostBytes} bytes together in one file, got ${bytes}; use fewer trials or neurons`]);
  return format === 'npz' ? writeNpz(arrays) : writeHdf5(arrays, where);
}

/** The embedding of a data set that was written before, to simulate other trials with. Throws RunFormatError when the file does not hold one. */
export async function readEmbedding(bytes: Uint8Array, where: string): Promise<Embedding> {
  const arrays = isHdf5(bytes) ? await readHdf5(bytes, where) : readNpz(bytes, where);
  const [perm, readout, mean, std] = ['perm', 'readout', 'mean', 'std'].map((name) => arrays.get(name));
  const neurons = perm?.shape[0] ?? 0;
  const units = readout?.shape[0] ?? 0;
  const scalars = [mean?.data[0], std?.data[0]] as [number | undefined, number | undefined];
  const whole = perm?.shape.length === 1 && perm.data.every((unit: number) => Number.isInteger(unit) && unit >= 0 && unit < units);
  if (
    !perm ||
    !whole ||
    readout?.shape[1] !== neurons ||
    scalars.some((value) => value === undefined || !Number.isFinite(value)) ||
    !((scalars[1] as number) > 0)
  )
    throw new RunFormatError(
      `${where}: expected perm [N], readout [H, N], mean and std of a simulated data set, got ${[...arrays.keys()].slice(0, 20).join(', ') || 'no arrays'}`,
    );
  return { units, perm: Int32Array.from(perm.data), mean: scalars[0] as number, std: scalars[1] as number };
}
