// What an experiment's `tests` ask for: each trained network on fresh trials of changed conditions; the results lie beside the run as tests.json.
import type { Backend } from '../backends/backend.js';
import { type Experiment, type ExperimentTest, modelOptionsOf, testTask } from '../config/experiment.js';
import { type ExperimentRun, experimentRuns, intervenedExperiment } from '../config/train.js';
import { RunFormatError } from '../errors.js';
import type { Intervention } from '../interventions/options.js';
import { createModel } from '../models/model.js';
import { evaluate } from '../rollout/evaluate.js';
import { openRun } from '../runs/open-run.js';
import { readJson, type Storage, writeJson } from '../runs/storage.js';
import { generateTrials } from '../tasks/data.js';
import { loadTask, type TaskLoader } from '../tasks/index.js';
import { networkSize, type Task, type TrialSet } from '../tasks/task.js';
import { constantLoss, idealScores, round, taskLoss } from './scores.js';

/** How one network did in one condition. */
export interface TestResult extends ExperimentTest {
  /** Null where it is not finite. */
  readonly loss: number | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Loss of the best constant answer on these trials; null where the task has none. */
  readonly constantLoss: number | null;
  /** What an ideal observer reaches on these trials; null where the task knows none. */
  readonly ideal: { readonly loss: number; readonly metrics: Readonly<Record<string, number>> } | null;
}

/** tests.json of a run. */
export interface TestsFile {
  readonly format: 'motorloop-tests';
  readonly formatVersion: 1;
  /** Epoch of the checkpoint that was tested, the last. */
  readonly epoch: number;
  readonly tests: readonly TestResult[];
}

export interface RunTestsOptions {
  readonly backend: Backend;
  readonly experiment: Experiment;
  /** The experiment's directory. */
  readonly storage: Storage;
  /** Which of its runs; default: all that have begun. */
  readonly run?: string;
  readonly loadTask?: TaskLoader | undefined;
  readonly signal?: AbortSignal | undefined;
}

const fileOf = (path: string) => `${path}/tests.json`;

/**
 * Tests the runs of an experiment and writes their tests.json; a file that holds these tests of the last checkpoint already stays. Trials depend on the
 * test alone, so that all networks see the same ones; what is done in them is what the test says, else what the experiment does. Noise within a network is
 * keyed by the run's seed. Throws what loading the task and running the network throw.
 */
export async function testRuns({ backend, experiment, storage, run, loadTask: loader, signal }: RunTestsOptions): Promise<void> {
  const { tests = [] } = experiment;
  if (tests.length === 0) return;
  const sets = new Map<ExperimentTest, { task: Task; set: TrialSet }>();
  for (const each of experimentRuns(experiment)) {
    const { path } = each.identity;
    if ((run !== undefined && path !== run) || !(await storage.exists(`${path}/checkpoints/last.safetensors`))) continue;
    const stored = await openRun(storage, path);
    const { epoch } = await stored.checkpoint('last');
    if (isCurrent(await readTests(storage, path), tests, epoch)) continue;
    const results: TestResult[] = [];
    for (const test of tests) {
      signal?.throwIfAborted();
      const { trials, seed } = test;
      let known = sets.get(test);
      if (!known) {
        const task = await loadTask(testTask(experiment, test), loader);
        const set = generateTrials(task, seed, 0, trials);
        known = { task, set };
        sets.set(test, known);
      }
      const interventions = test.interventions ?? experiment.interventions ?? [];
      results.push({ ...test, ...(await scores(backend, interventions, each, known, stored)) });
    }
    const file: TestsFile = { format: 'motorloop-tests', formatVersion: 1, epoch, tests: results };
    await writeJson(storage, fileOf(path), file);
  }
}

async function scores(
  backend: Backend,
  interventions: readonly Intervention[],
  { identity, model: entry }: ExperimentRun,
  { task, set }: { task: Task; set: TrialSet },
  stored: Awaited<ReturnType<typeof openRun>>,
): Promise<Pick<TestResult, 'loss' | 'metrics' | 'constantLoss' | 'ideal'>> {
  const model = createModel(modelOptionsOf(entry), ...networkSize(task));
  const all = Int32Array.from({ length: set.trials }, (_, trial) => trial);
  const prepared = { task, data: { set, trainingIndices: new Int32Array(0), validationIndices: all } };
  const { task: environment, data } = intervenedExperiment({ interventions }, prepared, model.hiddenSize);
  const { seed } = identity;
  const noise = { input: entry.training.inputNoise };
  const { outputs, movement } = await evaluate(backend, model, await stored.parameters(model), data.set, { seed, plant: environment.plant, noise });
  const loss = taskLoss(environment, outputs, data.set, movement);
  const metrics = Object.entries(environment.metrics?.(outputs, data.set, movement ?? undefined) ?? {});
  const constant = constantLoss(environment, data.set);
  // changed inputs have other statistics than the task's
  const ideal = interventions.length === 0 ? idealScores(environment, data.set) : null;
  return {
    loss: loss === null ? null : round(loss),
    metrics: Object.fromEntries(metrics.map(([name, value]) => [name, Number.isFinite(value) ? round(value) : null])),
    constantLoss: constant === null ? null : round(constant),
    ideal: ideal && { loss: round(ideal.loss), metrics: Object.fromEntries(Object.entries(ideal.metrics).map(([name, value]) => [name, round(value)])) },
  };
}

/** The tests of a run, or null where there are none. Throws RunFormatError for a file that is something else. */
export async function readTests(storage: Storage, path: string): Promise<TestsFile | null> {
  if (!(await storage.exists(fileOf(path)))) return null;
  const value = (await readJson(storage, fileOf(path))) as Partial<TestsFile> | null;
  if (value?.format !== 'motorloop-tests' || value.formatVersion !== 1 || !Array.isArray(value.tests))
    throw new RunFormatError(`${storage.location}/${fileOf(path)}: expected the tests of a run, version 1, got another file; remove it`);
  return value as TestsFile;
}

/** Whether a file holds these tests of this epoch. */
export function isCurrent(file: TestsFile | null, tests: readonly ExperimentTest[], epoch: number): boolean {
  const asked = ({ name, task, interventions, trials, seed }: ExperimentTest) => JSON.stringify([name, task, interventions ?? null, trials, seed]);
  return file !== null && file.epoch === epoch && file.tests.every((test) => 'ideal' in test) && file.tests.map(asked).join() === tests.map(asked).join();
}
