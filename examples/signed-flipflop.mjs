// Golub & Sussillo's example, end to end: sixteen tanh units learn to hold three bits of ±1, then their fixed points are found and counted.
// Expected: eight stable points, one at each corner of the cube, and saddles on its edges, faces and in its centre (Sussillo & Barak 2013, figure 4).
import {
  createBackend,
  createCellMap,
  createModel,
  findFixedPoints,
  joinParameters,
  normalAt,
  parseExperiment,
  rolloutTensor,
  tensor,
  tidy,
  train,
  uniformAt,
} from 'motorloop';

const [bits, steps, pulses] = [3, 64, 0.5];

/** Each bit gets a pulse of ±1 with probability 0.5 at every step, and surely at the first; the target is the sign of the last pulse. */
const task = {
  name: 'signed-flipflop',
  parameters: { bits, steps, pulses },
  steps,
  stepDuration: null,
  inputSize: bits,
  outputSize: bits,
  inputLabels: ['Pulse 1', 'Pulse 2', 'Pulse 3'],
  outputLabels: ['Bit 1', 'Bit 2', 'Bit 3'],
  loss: { kind: 'squared error', scale: 1 / (steps * bits), weights: () => null },
  generate(key, first, count) {
    const inputs = new Float32Array(count * steps * bits);
    const targets = new Float32Array(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const inTrial = i % (steps * bits);
      const trial = first + (i - inTrial) / (steps * bits);
      const pulse = inTrial < bits || uniformAt(key, trial, inTrial) < pulses;
      inputs[i] = pulse ? Math.sign(normalAt(key, trial, steps * bits + inTrial)) : 0;
      targets[i] = pulse ? inputs[i] : targets[i - bits];
    }
    return { trials: count, steps, inputs, trueInputs: inputs, targets, conditions: new Int32Array(count), extra: new Float32Array(0) };
  },
};

const options = { cell: 'rnn', hiddenSize: 16 };
const experiment = parseExperiment(
  {
    name: 'signed-flipflop',
    seed: Number(process.argv[2] ?? 0),
    task: { name: 'custom', module: 'signed-flipflop' },
    data: { trials: 640, validationFraction: 0.2 },
    models: [options],
    training: { epochs: 120, batchSize: 64, learningRate: 0.01, weightDecay: 0, schedule: { name: 'cosine', minimum: 0.0002 } },
  },
  'signed-flipflop',
);

const backend = await createBackend('wasm');
let trained = null;
for await (const event of train(experiment, { backend, loadTask: async () => ({ default: () => task }) })) {
  if (event.type === 'epoch' && event.epoch % 20 === 0) console.log(`epoch ${event.epoch}: validation loss ${event.validationLoss.toExponential(1)}`);
  if (event.type === 'checkpoint') trained = event.state.tensors;
}

// states of 512 trials to start from, and the cell as a map of its state with the inputs held at zero
const model = createModel(options, bits, bits);
const parameters = joinParameters(model, trained);
const trials = task.generate([1, 2], 0, 512);
const states = tidy(() => rolloutTensor(model, { parameters: tensor(backend, parameters), inputs: tensor(backend, trials.inputs, [512, steps, bits]) }).states);
const trajectories = { trials: 512, steps, width: model.stateSize, values: await states.data(), lengths: null };
const map = createCellMap(backend, model, parameters);
const { unique, counts } = await findFixedPoints(map, { trajectories, count: 1024 });

console.log(unique.summary());
console.log('counts', JSON.stringify(counts));
const weight = trained['readout.weight'].data;
const bias = trained['readout.bias'].data;
for (let k = 0; k < unique.length; k++) {
  const { state, stable, unstable } = unique.at(k);
  const readout = Array.from(bias, (offset, row) => state.reduce((sum, value, i) => sum + weight[row * state.length + i] * value, offset));
  console.log(`${stable ? 'stable' : `${unstable} unstable`} at ${readout.map((value) => value.toFixed(2).padStart(5)).join(' ')}`);
}
await map.dispose();
states.dispose();
await backend.dispose();
