// What the trained networks of pretrained/ score on a few trials far behind those that they were trained and validated on.
import { taskLoss } from '../../src/analysis/scores.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { modelOptionsOf, parseExperiment } from '../../src/config/experiment.js';
import { experimentRuns } from '../../src/config/train.js';
import { createModel } from '../../src/models/model.js';
import { evaluate } from '../../src/rollout/evaluate.js';
import { openRun } from '../../src/runs/open-run.js';
import { readJson, type Storage } from '../../src/runs/storage.js';
import { generateTrials } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import { networkSize } from '../../src/tasks/task.js';

/** No training, however long, gets as far in its stream of trials. */
const firstTrial = 2 ** 30;
/** Whole rounds of the fifteen tasks; few enough for a test. */
const trials = 45;

/** Metrics by run, MODEL/seed-N. */
export async function scorePretrained(storage: Storage): Promise<Record<string, Record<string, number>>> {
  const experiment = parseExperiment(await readJson(storage, 'experiment.json'), storage.location);
  const task = createTask(experiment.task);
  const set = generateTrials(task, experiment.data.seed, firstTrial, trials);
  const backend = await createWasmBackend({ variant: 'simd', threads: 1 });
  const scores: Record<string, Record<string, number>> = {};
  try {
    for (const { identity, model: options } of experimentRuns(experiment)) {
      const model = createModel(modelOptionsOf(options), ...networkSize(task));
      const run = await openRun(storage, identity.path);
      const noise = { input: options.training.inputNoise };
      const { outputs, movement } = await evaluate(backend, model, await run.parameters(model, 'last'), set, { seed: identity.seed, plant: task.plant, noise });
      scores[identity.path] = { loss: taskLoss(task, outputs, set, movement) ?? Number.NaN, ...task.metrics?.(outputs, set, movement ?? undefined) };
    }
  } finally {
    await backend.dispose();
  }
  return scores;
}
