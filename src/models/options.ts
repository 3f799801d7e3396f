// What an experiment may say about a model: the schema, its defaults and their sources.
import * as z from 'zod';

const count = z.number().int().positive().max(65536);
const nonNegative = z.number().nonnegative();

const common = {
  initialState: z
    .enum(['trainable', 'zeros'])
    .optional()
    .describe(
      'Trainable initial state (latent_ics; for the LSTM also cell_ics), zeros at first. Default: trainable for gru, lstm and node; zeros for rnn and driscoll.',
    ),
  initialNoise: nonNegative.optional().describe('Standard deviation of the noise on the initial hidden state. Default: 0.05 for gru and lstm, else 0.'),
  stateNoise: nonNegative
    .optional()
    .describe(
      'Standard deviation of the noise added to the state at every step (NoisyGRU: after the read-out; driscoll: inside the activation). Default: 0, for driscoll 0.158 (0.05 with compat: ctdb).',
    ),
  latentL2: nonNegative.default(0).describe('Weight of the mean over trials of the norm of the latents (NoisyGRU_LatentL2).'),
  readout: z.enum(['linear', 'sigmoid']).default('linear').describe('Read-out of the state.'),
  initialisation: z
    .enum(['pytorch', 'xavier', 'orthogonal', 'small', 'motornet'])
    .default('pytorch')
    .describe(
      "How cell weights start: PyTorch uniform, Xavier uniform, orthogonal recurrent weights, N(0, 0.01²), or as MotorNet's PolicyGRU: Xavier uniform and orthogonal over the stacked gates.",
    ),
  readoutInitialisation: z
    .enum(['linear', 'small', 'xavier'])
    .optional()
    .describe('How the read-out starts: PyTorch Linear, N(0, 0.01²) with zero bias, or Xavier. Default: small for node, else linear.'),
  readoutBias: z.number().optional().describe('Constant that the read-out bias starts from instead.'),
};

export const modelOptions = z.discriminatedUnion('cell', [
  z.strictObject({ cell: z.literal('gru'), hiddenSize: count.default(128), ...common }),
  z.strictObject({ cell: z.literal('lstm'), hiddenSize: count.default(128), ...common }),
  z.strictObject({ cell: z.literal('rnn'), hiddenSize: count.default(128), ...common }),
  z.strictObject({
    cell: z.literal('node'),
    hiddenSize: count.default(3).describe('State size.'),
    layerSizes: z.array(count).min(1).max(16).default([64, 64]).describe('Widths of the hidden ReLU layers.'),
    stepSize: z.number().positive().default(0.1).describe("Euler step: h' = h + stepSize · MLP([h, x])."),
    ...common,
  }),
  z.strictObject({
    cell: z.literal('driscoll'),
    hiddenSize: count.default(128),
    gamma: z.number().positive().max(1).default(0.2).describe('Leak dt/τ.'),
    activation: z.enum(['softplus', 'tanh', 'relu', 'retanh']).optional().describe('Default: softplus; tanh with compat: ctdb.'),
    compat: z.enum(['none', 'ctdb']).default('none').describe('ctdb: recW also in the leak term and read-out of the previous state, as CtDB implements it.'),
    ...common,
    initialisation: z
      .enum(['driscoll', 'pytorch', 'xavier', 'orthogonal', 'small', 'motornet'])
      .optional()
      .describe('How recW and inpW start. Default: driscoll (0.8 × orthogonal, input weights N(0, 1/I)); pytorch with compat: ctdb.'),
  }),
]);

/** A model as an experiment states it: some defaults still open. */
export type ModelInput = z.input<typeof modelOptions>;
/** A validated model. `resolveModelOptions` (src/models/model.ts) fills in the defaults that depend on the cell. */
export type ModelOptions = z.output<typeof modelOptions>;
