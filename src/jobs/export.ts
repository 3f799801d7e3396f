// What a run holds, as files for other programs: arrays of its trials by phase and noise, and its weights.
import type { NoiseChoice, Phase, TrialArray } from '../analysis/analysis.js';
import { resolveNoise } from '../analysis/noise-choice.js';
import type { RunAnalysis } from '../analysis/run-analysis.js';
import { ConfigError } from '../errors.js';
import { splitParameters } from '../models/model.js';
import { csvText } from '../report/csv.js';
import { writeNpy } from '../runs/npy.js';
import { writeNpz } from '../runs/npz.js';
import { type ArrayTensor, writeSafetensors } from '../runs/safetensors.js';
import { type Storage, writeJson } from '../runs/storage.js';

export const exportKinds = [
  'latents',
  'outputs',
  'inputs',
  'true_inputs',
  'network_inputs',
  'targets',
  'actions',
  'joints',
  'muscles',
  'states',
  'weights',
] as const;
export type ExportKind = (typeof exportKinds)[number];
export const exportFormats = ['npy', 'npz', 'csv', 'safetensors'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** Default: latents, outputs, network inputs, targets, weights. */
  readonly what?: readonly ExportKind[];
  /** Default: all. */
  readonly phase?: Phase;
  readonly noise?: NoiseChoice;
  /** Default: npy. */
  readonly format?: ExportFormat;
  readonly onProgress?: (kind: ExportKind) => void;
}

const usual: readonly ExportKind[] = ['latents', 'outputs', 'network_inputs', 'targets', 'weights'];
/** Numbers of a table that spreadsheets and memory can take. */
const mostCsvNumbers = 5_000_000;
/** Bytes of an archive of arrays, whose fields count to 4 GB. */
const mostPackedBytes = 2e9;

/**
 * Writes arrays [S, T, W] into `storage`: `latents.npy` …, or all in `arrays.npz` or `arrays.safetensors`, or a `latents.csv` each (trial, step, channels);
 * weights under PyTorch's names; and `export.json`, which says what they are. Returns the paths. Throws ConfigError for what this run does not have and for
 * arrays too large for their format.
 */
export async function exportRun(analysis: RunAnalysis, storage: Storage, options: ExportOptions = {}): Promise<string[]> {
  const { what = usual, phase = 'all', noise, format = 'npy', onProgress } = options;
  const closed = analysis.task.plant !== undefined;
  const missing = what.filter((kind) => !closed && (kind === 'joints' || kind === 'muscles'));
  if (missing.length > 0) throw new ConfigError('--what', [`expected what this run has, got ${missing.join(', ')}, which only a body has`]);
  const arrays = new Map<string, ArrayTensor>();
  const tables: { name: string; rows: () => (string | number)[][]; size: number }[] = [];
  for (const kind of what) {
    onProgress?.(kind);
    if (kind === 'weights') {
      for (const [name, { shape, data }] of Object.entries(splitParameters(analysis.model, analysis.parameters))) {
        arrays.set(name, { shape, data });
        tables.push({ name, rows: () => matrixRows(shape, data), size: data.length });
      }
      continue;
    }
    const array = await arrayOf(analysis, kind, phase, noise);
    arrays.set(kind, { shape: [array.trials, array.steps, array.width], data: array.values });
    tables.push({ name: kind, rows: () => trialRows(array), size: array.values.length });
  }
  const files = format === 'csv' ? csvFiles(tables) : packed(arrays, format);
  const written: string[] = [];
  for (const [path, data] of files) {
    await storage.write(path, data());
    written.push(path);
  }
  await writeJson(storage, 'export.json', {
    run: analysis.path,
    experiment: analysis.experiment.name,
    checkpoint: analysis.checkpoint,
    phase,
    trials: analysis.trials,
    noise: resolveNoise(noise).text,
    arrays: Object.fromEntries([...arrays].map(([name, { shape }]) => [name, shape])),
  });
  return [...written, 'export.json'];
}

async function arrayOf(analysis: RunAnalysis, kind: Exclude<ExportKind, 'weights'>, phase: Phase, noise: NoiseChoice | undefined): Promise<TrialArray> {
  switch (kind) {
    case 'latents':
      return analysis.getLatents(phase, noise);
    case 'states':
      return analysis.getStates(phase, noise);
    case 'inputs':
      return analysis.getInputs(phase);
    case 'true_inputs':
      return analysis.getTrueInputs(phase);
    case 'network_inputs':
      return analysis.getNetworkInputs(phase, noise);
    case 'targets':
      return analysis.getTargets(phase);
    default: {
      const { controlled, actions, joints, states } = await analysis.getModelOutputs(phase, noise);
      return { outputs: controlled, actions, joints: joints as TrialArray, muscles: states as TrialArray }[kind];
    }
  }
}

function packed(arrays: ReadonlyMap<string, ArrayTensor>, format: Exclude<ExportFormat, 'csv'>): [string, () => Uint8Array][] {
  if (format === 'npy') return [...arrays].map(([name, { shape, data }]) => [`${name}.npy`, () => writeNpy(shape, data)]);
  const bytes = [...arrays.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > mostPackedBytes)
    throw new ConfigError('--format', [
      `expected arrays of at most ${mostPackedBytes} bytes together in one file, got ${bytes}; use npy, or --phase validation`,
    ]);
  if (format === 'npz') return [['arrays.npz', () => writeNpz(arrays)]];
  return [['arrays.safetensors', () => writeSafetensors(Object.fromEntries(arrays))]];
}

function csvFiles(tables: readonly { name: string; rows: () => (string | number)[][]; size: number }[]): [string, () => string][] {
  const large = tables.find(({ size }) => size > mostCsvNumbers);
  if (large)
    throw new ConfigError('--format', [
      `csv: expected at most ${mostCsvNumbers} numbers a table, got ${large.size} of ${large.name}; use npy or npz, or --phase validation`,
    ]);
  return tables.map(({ name, rows }) => [`${name}.csv`, () => csvText(rows())]);
}

function trialRows({ trials, steps, width, values, lengths }: TrialArray): (string | number)[][] {
  const rows: (string | number)[][] = [['trial', 'step', ...Array.from({ length: width }, (_, i) => `channel_${i}`)]];
  for (let trial = 0; trial < trials; trial++) {
    for (let step = 0; step < (lengths?.[trial] ?? steps); step++) {
      const at = (trial * steps + step) * width;
      rows.push([trial, step, ...values.subarray(at, at + width)]);
    }
  }
  return rows;
}

/** A matrix row by row, a vector as one column. */
function matrixRows(shape: readonly number[], data: Float32Array): (string | number)[][] {
  const width = shape.length > 1 ? (shape[1] as number) : 1;
  const header = Array.from({ length: width }, (_, i) => `column_${i}`);
  return [header, ...Array.from({ length: data.length / width }, (_, row) => [...data.subarray(row * width, (row + 1) * width)])];
}
