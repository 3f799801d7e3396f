// What an experiment may say about training: optimiser, schedule, batches, stopping, checkpoints.
import * as z from 'zod';

const positive = z.number().positive();
const nonNegative = z.number().nonnegative();
const fraction = z.number().min(0).lt(1);

export const optimizerOptions = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('adam'), beta1: fraction.default(0.9), beta2: fraction.default(0.999), epsilon: positive.default(1e-8) }),
  z.strictObject({ name: z.literal('adamw'), beta1: fraction.default(0.9), beta2: fraction.default(0.999), epsilon: positive.default(1e-8) }),
  z.strictObject({ name: z.literal('sgd'), momentum: fraction.default(0) }),
]);

export const scheduleOptions = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant') }),
  z.strictObject({ name: z.literal('cosine'), minimum: nonNegative.default(0), warmupEpochs: z.number().int().nonnegative().default(0) }),
  z.strictObject({
    name: z.literal('plateau'),
    factor: z.number().gt(0).lt(1).default(0.5),
    patience: z.number().int().positive().default(10),
    minimum: nonNegative.default(0),
  }),
]);

export const trainingOptions = z.strictObject({
  epochs: z.number().int().positive().max(1e6).default(500),
  batchSize: z.number().int().positive().max(1e6).default(64).describe('Trials of one optimiser step; the last batch of an epoch may be smaller.'),
  sampler: z.enum(['random', 'sequential', 'grouped']).default('random'),
  learningRate: positive.default(1e-3),
  weightDecay: nonNegative.default(1e-8).describe('L2 added to the gradient (adam, sgd) or decoupled (adamw).'),
  optimizer: optimizerOptions.default({ name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
  clip: positive.nullable().default(1).describe('Largest global 2-norm of the gradient; null: no clipping.'),
  schedule: scheduleOptions.default({ name: 'constant' }),
  inputNoise: nonNegative.default(0).describe('Standard deviation of fresh Gaussian noise on the model input at every step (dynamic_noise).'),
  freeze: z.array(z.string()).default([]).describe('Parameter names (or prefixes ending in a dot) that do not train.'),
  earlyStopping: z
    .strictObject({ patience: z.number().int().positive(), minimumImprovement: nonNegative.default(0) })
    .nullable()
    .default(null),
  checkpointEpochs: z.array(z.number().int().positive()).default([]).describe('Epochs whose checkpoints are kept, besides best and last.'),
  microBatchBytes: z
    .number()
    .int()
    .positive()
    .default(128 * 1024 * 1024)
    .describe('Bound of the activation cache of a micro-batch, of at least 32 trials: a larger batch goes through in several.'),
});

export type TrainingInput = z.input<typeof trainingOptions>;
export type TrainingOptions = z.output<typeof trainingOptions>;
