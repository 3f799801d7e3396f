// What a summary says of one network: how it trained, how it does, its latents on principal components, its memory.
import type { ExperimentModel } from '../config/experiment.js';
import type { StoredRun } from '../runs/open-run.js';
import type { Task, TrialSet } from '../tasks/task.js';
import type { Collected } from './collect.js';
import { mergeMoments } from './moments.js';
import { participationRatio, principalComponents, project } from './pca.js';
import { accuracyPerOutput, isBinary, memoryStates, mostMemoryBits, round, roundAll, taskLoss } from './scores.js';
import type { Candidate } from './summary-candidates.js';
import type { FigureArray, LearningCurves, RunSummary } from './summary-data.js';

/** Epochs that curves show at most, evenly spread; metrics.jsonl has all. */
const mostCurvePoints = 1000;
/** Components that scree plots and comparisons show. */
export const screeComponents = 10;

/** What the report says of one network, but for its movements and its dynamics. */
export function summariseRun(
  { stored, entry, model, kind, epoch, step, seed }: Candidate,
  { train, validation: heldOut, range, outputs, movement, latents }: Collected,
  task: Task,
  validation: TrialSet,
  shownTrials: number,
  figure: (values: Float32Array | Float64Array, width: number) => FigureArray,
): Omit<RunSummary, 'reach' | 'dynamics'> {
  const moments = mergeMoments(train, heldOut);
  const pca = principalComponents(moments, range);
  const scores = latents && project(pca, latents, 3);
  const ratios = Array.from(pca.ratios.subarray(0, screeComponents));
  const binary = isBinary(task, validation);
  const rows = stored.metrics.slice(0, epoch);
  const last = rows.at(-1);
  return {
    model: entry.name,
    seed,
    path: stored.path,
    description: describeModel(entry),
    hiddenSize: model.hiddenSize,
    parameterCount: model.parameterCount,
    status: stored.manifest.reason ?? stored.manifest.status,
    checkpoint: { kind, epoch },
    optimiserSteps: step,
    seconds: round(stored.manifest.seconds),
    backend: stored.manifest.backend,
    recipe: describeTraining(entry),
    curves: curvesOf(stored.metrics),
    final: { trainLoss: rounded(last?.trainLoss ?? null), validationLoss: rounded(last?.validationLoss ?? null), metrics: finiteMetrics(last?.metrics ?? {}) },
    best: stored.manifest.best && { epoch: stored.manifest.best.epoch, validationLoss: round(stored.manifest.best.validationLoss) },
    evaluation: {
      loss: rounded(taskLoss(task, outputs, validation, movement)),
      metrics: finiteMetrics(task.metrics?.(outputs, validation, movement ?? undefined) ?? {}),
      accuracyPerOutput: binary ? roundAll(accuracyPerOutput(task, outputs, validation)) : null,
    },
    scree: {
      samples: moments.count,
      ratios: roundAll(ratios),
      cumulative: ratios.map((_, k) => round(ratios.slice(0, k + 1).reduce((sum, ratio) => sum + ratio, 0))),
      participationRatio: round(participationRatio(pca)),
    },
    latents: scores && figure(heldAfterEnds(scores, validation, 3), 3),
    outputs: latents && figure(outputs, task.outputSize),
    memory: binary && task.outputSize <= mostMemoryBits ? memoryStates(task, outputs, validation, scores, shownTrials) : null,
  };
}

/** Values [K, T, width] in which every trial stays where it was in its last step that counts. */
function heldAfterEnds(values: Float64Array, { steps, lengths }: TrialSet, width: number): Float64Array {
  if (!lengths) return values;
  const held = values.slice();
  const trials = values.length / (steps * width);
  for (let trial = 0; trial < trials; trial++) {
    const end = trial * steps + (lengths[trial] as number);
    for (let step = end; step < (trial + 1) * steps; step++) held.copyWithin(step * width, (end - 1) * width, end * width);
  }
  return held;
}

function curvesOf(rows: StoredRun['metrics']): LearningCurves {
  const every = Math.ceil(rows.length / mostCurvePoints);
  const kept = rows.filter((_, i) => i % every === 0 || i === rows.length - 1);
  const names = [...new Set(kept.flatMap((row) => Object.keys(row.metrics)))];
  return {
    epoch: kept.map(({ epoch }) => epoch),
    trainLoss: kept.map(({ trainLoss }) => round(trainLoss)),
    validationLoss: kept.map(({ validationLoss }) => round(validationLoss)),
    metrics: Object.fromEntries(names.map((name) => [name, kept.map(({ metrics }) => rounded(metrics[name] ?? null))])),
  };
}

function finiteMetrics(metrics: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).flatMap(([name, value]) => (value !== null && Number.isFinite(value) ? [[name, round(value)]] : [])));
}

/** `round`, and null for null. */
export const rounded = (value: number | null): number | null => (value === null ? null : round(value));

const cellNames = { gru: 'GRU', lstm: 'LSTM', rnn: 'vanilla RNN', driscoll: 'Driscoll leaky RNN' } as const;

function describeModel(entry: ExperimentModel): string {
  if (entry.cell === 'node')
    return `NODE with ${entry.hiddenSize} state variable${entry.hiddenSize === 1 ? '' : 's'}, layers of ${entry.layerSizes.join(', ')}`;
  return `${cellNames[entry.cell]} with ${entry.hiddenSize} unit${entry.hiddenSize === 1 ? '' : 's'}`;
}

function describeTraining({ training }: ExperimentModel): string {
  const { optimizer, learningRate, batchSize, clip } = training;
  const name = { adam: 'Adam', adamw: 'AdamW', sgd: 'SGD' }[optimizer.name];
  return `batches of ${batchSize}, ${name} ${learningRate}${clip === null ? '' : `, clipping at ${clip}`}`;
}
