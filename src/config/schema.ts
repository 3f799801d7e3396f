// What an experiment file may say: the options that tasks, models and training own, assembled into one schema.
import * as z from 'zod';
import { interventionList } from '../interventions/options.js';
import { modelOptions } from '../models/options.js';
import { dataOptions, taskOptions } from '../tasks/options.js';
import { trainingOptions } from '../training/options.js';

const seed = z.number().int().nonnegative();

/** Names become folders: no dot, so that a model's name is one segment of an override's path; no separator, so that it stays inside the run. */
const modelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_+-]{0,63}$/);

/** Training options that a model states for itself: the same fields without defaults, because the experiment's own `training` fills the gaps. */
const trainingOverrides = z
  .strictObject(
    Object.fromEntries(
      Object.entries(trainingOptions.shape).map(([key, field]) => [key, (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field).optional()]),
    ),
  )
  .describe('Options that differ from `training` for this model; a nested group (optimizer, schedule, …) is replaced as a whole.');

const inExperiment = {
  name: modelName.optional().describe('Folder and label of the model. Default: its cell and hidden size, e.g. GRU-128.'),
  training: trainingOverrides.optional(),
};

const experimentTest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/)
    .optional()
    .describe('Default: the changed options, e.g. noise-0.3.'),
  task: z.record(z.string(), z.unknown()).default({}).describe('Options of the task that differ from training; dots lead into groups: sensors.visionNoise.'),
  interventions: z
    .array(z.record(z.string(), z.unknown()))
    .max(100)
    .optional()
    .describe('What is done in this test, as under interventions of the experiment and in place of it: [] for nothing. Default: what the experiment does.'),
  trials: z.number().int().positive().max(1_000_000).default(200).describe('Trials that no network has seen; the same for all networks.'),
  seed: seed.max(Number.MAX_SAFE_INTEGER).optional().describe('Seed of these trials. Default: one more than that of the data.'),
});

const [gru, lstm, rnn, node, driscoll] = modelOptions.options;
export const experimentModel = z.discriminatedUnion('cell', [
  gru.extend(inExperiment),
  lstm.extend(inExperiment),
  rnn.extend(inExperiment),
  node.extend(inExperiment),
  driscoll.extend(inExperiment),
]);

export const experimentSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds the JSON Schema; ignored otherwise.'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/)
    .describe('Letters, digits, dot, underscore, plus, hyphen; part of the name of the default run directory.'),
  seed: seed.max(Number.MAX_SAFE_INTEGER).default(0).describe('Seed of the data and of the first replicate.'),
  replicates: z.number().int().positive().max(1000).optional().describe('Runs of every model, with seeds seed, seed + 1, …; same data. Default: 1.'),
  seeds: z.array(seed).min(1).max(1000).optional().describe('Seeds of the replicates, instead of seed, seed + 1, ….'),
  task: taskOptions,
  data: dataOptions.prefault({}),
  training: trainingOptions.prefault({}),
  models: z.array(experimentModel).min(1).max(256),
  interventions: interventionList.optional().describe('What is done to networks and bodies, in which trials and when. Default: nothing.'),
  tests: z
    .array(experimentTest)
    .max(100)
    .optional()
    .describe('Conditions in which every network is tested once it is trained, on trials of their own; results in tests.json of each run.'),
  analyses: z
    .array(z.enum(['fixed-points', 'tangling', 'decoding']))
    .optional()
    .describe('What `analyse` measures beyond the report of a run, measured with it: fixed-points, tangling, decoding. Default: none.'),
  grid: z
    .record(z.string(), z.array(z.unknown()).min(1))
    .optional()
    .describe('Spans one experiment per combination: path of an option (as in --set) to the values that it takes.'),
});
