// motorloop bench train-step: everything between two parameter updates, through the code that training runs, on data already on the backend.
import type { Backend } from '../../backends/backend.js';
import { ConfigError, NumericsError } from '../../errors.js';
import { createModel, type Model } from '../../models/model.js';
import type { ModelInput } from '../../models/options.js';
import { generateData, type TrialData } from '../../tasks/data.js';
import { networkSize, type Task } from '../../tasks/task.js';
import { rampEpochs } from '../../training/loss.js';
import { trainingOptions } from '../../training/options.js';
import { createTrainingSession, type StepResult, type TrainingSession } from '../../training/session.js';
import { createBenchTask } from './bench-tasks.js';
import type { JobContext } from '../context.js';
import { type Ceiling, ceilingMethod, measureCeiling } from './ceiling.js';
import {
  type BenchResult,
  configurations,
  type MeasureOptions,
  measuredOn,
  type MeasuredOn,
  onReference,
  type Opened,
  type Timeable,
  type Timing,
  time,
  withBackend,
} from './measure.js';
import { printRows } from './print.js';

export interface TrainStepOptions extends MeasureOptions {
  readonly task: string;
  readonly model: string;
  readonly hidden?: number;
  readonly layers?: readonly number[];
  readonly batch: number;
  readonly steps: number;
  readonly microBatchBytes?: number;
}

interface Row extends MeasuredOn, Timing {
  readonly bench: 'train-step';
  readonly task: string;
  readonly model: string;
  readonly hiddenSize: number;
  readonly layerSizes: readonly number[] | null;
  readonly batchSize: number;
  readonly steps: number;
  readonly microBatchSize: number;
  /** Dispatches of a step on a GPU, those left out that are there only because time is cut into chunks, and these; null on processors. */
  readonly dispatches: number | null;
  readonly timeChunks: number | null;
  /** Algorithmic: three times the forward pass of every trial and step, over the median. */
  readonly gflops: number;
  readonly trialStepsPerSecond: number;
  readonly ceilingGflops: number | null;
  readonly share: number | null;
  /** Every array of the step written once and read once, over the median; on a GPU, with what its memory can do at most. */
  readonly gigabytesPerSecond: number;
  readonly ceilingGigabytesPerSecond: number | null;
  readonly bandwidthShare: number | null;
  /** The first update was compared with the reference's on a smaller batch. */
  readonly checked: boolean;
  readonly checkedDeviation: number;
  readonly peakBytes: number | null;
}

export const benchCells = ['gru', 'lstm', 'rnn', 'node', 'driscoll'] as const;
/** Sizes of the check against the reference, and the deviation of the gradient, relative to its norm, that f32 explains. */
const checkTrials = 8;
const checkSteps = 20;
const checkBound = 1e-4;

export async function trainStep(options: TrainStepOptions, context: JobContext): Promise<BenchResult> {
  const machine = await context.host.machine();
  const timed = trainStepCase(options);
  const ceilings: Ceiling[] = [];
  const rows: Row[] = [];
  for (const configuration of await configurations(options)) {
    context.progress.update(`${configuration.backend} ${configuration.variant}, ${configuration.threads} threads`);
    await withBackend(configuration, async (backend) => {
      const deviation = await timed.check(backend);
      const { row, ceiling } = await measure(backend, timed, options, deviation, context);
      rows.push(row);
      if (ceiling) ceilings.push(ceiling);
    });
  }
  printRows(
    context,
    rows.map((row) => [row, `${row.task}, ${row.model}-${row.hiddenSize}, ${row.batchSize} × ${row.steps}`]),
  );
  return { machine, ceiling: { method: ceilingMethod, measured: ceilings }, rows };
}

function modelOf({ model, hidden, layers }: CaseOptions): ModelInput {
  const cell = benchCells.find((name) => name === model);
  if (!cell) throw new ConfigError('bench train-step', [`--model: expected ${benchCells.join(', ')}, got "${model}"`]);
  if (cell !== 'node' && layers) throw new ConfigError('bench train-step', [`--layers: expected --model node, got ${cell}`]);
  const hiddenSize = hidden ?? (cell === 'node' ? 3 : 128);
  return cell === 'node' ? { cell, hiddenSize, layerSizes: [...(layers ?? [64, 64])] } : { cell, hiddenSize };
}

/** A training step to time. */
export interface TrainStepCase extends Timeable {
  readonly model: Model;
  open(backend: Backend): Promise<OpenedTrainStep>;
}

export interface OpenedTrainStep extends Opened {
  readonly memoryBytes: number;
  readonly microBatchSize: number;
  /** Every array of the step written once and read once: micro-batches go through the same arrays one after the other. */
  readonly bytesMoved: number;
}

/** A training step of a network on a task. Throws ConfigError for names and sizes that fit nothing. */
export function trainStepCase(options: Omit<TrainStepOptions, keyof MeasureOptions>): TrainStepCase {
  const model = createModel(modelOf(options), ...networkSize(createBenchTask(options.task, options.steps)));
  const expected = onReference((backend) => firstUpdate(backend, options));
  return {
    model,
    async check(backend) {
      return deviationOf(backend, await firstUpdate(backend, options), await expected());
    },
    async open(backend) {
      const task = createBenchTask(options.task, options.steps);
      const data = dataOf(task, options.batch);
      const session = openSession(backend, model, task, data, options);
      return {
        run: () => step(session, task, data),
        memoryBytes: session.memoryBytes,
        microBatchSize: session.microBatchSize,
        bytesMoved: 2 * session.memoryBytes * (options.batch / session.microBatchSize),
        dispose: () => session.dispose(),
      };
    },
  };
}

type CaseOptions = Parameters<typeof trainStepCase>[0];

/** A session whose training set is one batch; clipping at 1 and Adam with L2 are the defaults of training. */
function openSession(backend: Backend, model: Model, task: Task, data: TrialData, { microBatchBytes }: CaseOptions): TrainingSession {
  const training = trainingOptions.parse({ batchSize: data.trainingIndices.length, ...(microBatchBytes === undefined ? {} : { microBatchBytes }) });
  return createTrainingSession({ backend, model, task, data, training, seed: 0 });
}

/** One training step on the whole batch, in the first epoch in which the loss counts every step. */
function step(session: TrainingSession, task: Task, data: TrialData): Promise<StepResult> {
  return session.step(data.trainingIndices, 1 + rampEpochs(task.loss), 1e-3);
}

/** `trials` trials to train on; the one for validation is never used. */
function dataOf(task: Task, trials: number): TrialData {
  return generateData(task, { trials: trials + 1, validationFraction: 1 / (trials + 1), seed: 0 });
}

interface Update {
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** Loss and gradient of the first update on a smaller batch. */
async function firstUpdate(backend: Backend, options: CaseOptions): Promise<Update> {
  const task = createBenchTask(options.task, Math.min(options.steps, checkSteps));
  const model = createModel(modelOf(options), ...networkSize(task));
  const data = dataOf(task, Math.min(options.batch, checkTrials));
  const session = openSession(backend, model, task, data, options);
  try {
    const { loss } = await step(session, task, data);
    return { loss, gradient: await session.gradient() };
  } finally {
    session.dispose();
  }
}

/** Largest deviation of loss and gradient from the reference's, relative to loss and gradient norm. Throws when f32 does not explain it. */
function deviationOf(backend: Backend, actual: Update, expected: Update): number {
  const norm = Math.sqrt(expected.gradient.reduce((total, g) => total + g * g, 0));
  const largest = expected.gradient.reduce((worst, g, i) => Math.max(worst, Math.abs(g - (actual.gradient[i] as number))), 0) / norm;
  const deviation = Math.max(largest, Math.abs(actual.loss - expected.loss) / expected.loss);
  if (!(deviation <= checkBound)) {
    throw new NumericsError(
      `bench train-step: expected the ${backend.description.variant} gradient within ${checkBound} of the reference, got a deviation of ${deviation}; please report this`,
    );
  }
  return deviation;
}

async function measure(
  backend: Backend,
  timed: TrainStepCase,
  options: TrainStepOptions,
  deviation: number,
  { signal, host }: JobContext,
): Promise<{ row: Row; ceiling: Ceiling | null }> {
  const { model } = timed;
  const opened = await timed.open(backend);
  try {
    const before = await measureCeiling(backend);
    const timing = await time(opened.run, options.repeats, signal);
    const after = await measureCeiling(backend);
    const ceiling = before && after && after.gflops > before.gflops ? after : before;
    const counts = await dispatchesOf(backend, opened.run);
    const trialSteps = options.batch * options.steps;
    const gflops = (3 * model.forwardFlops * trialSteps) / timing.medianSeconds / 1e9;
    const gigabytesPerSecond = opened.bytesMoved / timing.medianSeconds / 1e9;
    const ceilingGigabytesPerSecond = ceiling?.gigabytesPerSecond ?? null;
    const row: Row = {
      bench: 'train-step',
      ...measuredOn(backend),
      task: options.task,
      model: model.cell,
      hiddenSize: model.hiddenSize,
      layerSizes: model.kernel.layerSizes ? [...model.kernel.layerSizes] : null,
      batchSize: options.batch,
      steps: options.steps,
      microBatchSize: opened.microBatchSize,
      ...counts,
      ...timing,
      gflops,
      trialStepsPerSecond: trialSteps / timing.medianSeconds,
      ceilingGflops: ceiling?.gflops ?? null,
      share: ceiling ? gflops / ceiling.gflops : null,
      gigabytesPerSecond,
      ceilingGigabytesPerSecond,
      bandwidthShare: ceilingGigabytesPerSecond === null ? null : gigabytesPerSecond / ceilingGigabytesPerSecond,
      checked: true,
      checkedDeviation: deviation,
      peakBytes: host.peakBytes(),
    };
    return { row, ceiling };
  } finally {
    await opened.dispose();
  }
}

/** What one run dispatches on a GPU; nulls elsewhere. */
async function dispatchesOf(backend: Backend, run: () => Promise<unknown>): Promise<Pick<Row, 'dispatches' | 'timeChunks'>> {
  if (!backend.dispatchCount) return { dispatches: null, timeChunks: null };
  await backend.finish();
  const before = backend.dispatchCount();
  await run();
  await backend.finish();
  const after = backend.dispatchCount();
  const timeChunks = after.timeChunks - before.timeChunks;
  return { dispatches: after.dispatches - before.dispatches - timeChunks, timeChunks };
}
