// Training of brain.js 1.6 on as many numbers as a training step has: its GRU of 128 units, one epoch over B sequences of T steps, in plain JavaScript.
// Usage (after `npm install` in bench/): node peers/brain_js_step.mjs --batch 32 --steps 100 --repeats 3; prints one line of JSON.
//
// Comparable is only the amount of work: brain.js has no batches (it updates after every sequence), learns to predict the next step of the sequence
// itself, and has an optimiser of its own (RMSProp with momentum). Its LSTM and RNN are alike; a NODE, an arm or masks it does not have.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const brain = require('brain.js');
const { version } = require('brain.js/package.json');

const { values } = parseArgs({
  options: { batch: { type: 'string', default: '32' }, steps: { type: 'string', default: '100' }, repeats: { type: 'string', default: '3' } },
});
const [B, T, repeats] = [values.batch, values.steps, values.repeats].map(Number);

const sequence = (trial) => Array.from({ length: T }, (_, t) => [0, 1, 2].map((k) => 0.5 + 0.4 * Math.sin(0.3 * t + trial + k)));
const data = Array.from({ length: B }, (_, trial) => sequence(trial));
const network = new brain.recurrent.GRUTimeStep({ inputSize: 3, hiddenLayers: [128], outputSize: 3 });
/** One pass over all sequences. */
const epoch = (sequences) => network.train(sequences, { iterations: 1, errorThresh: 0, log: false });

const firstStart = performance.now();
const { error: before } = epoch(data.slice(0, 1));
const compileSeconds = (performance.now() - firstStart) / 1000;
const seconds = [];
let after = before;
for (let i = 0; i < repeats; i++) {
  const begin = performance.now();
  after = epoch(data).error;
  seconds.push((performance.now() - begin) / 1000);
}
seconds.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    peer: 'brain.js',
    version,
    model: 'gru',
    batchSize: B,
    steps: T,
    threads: 1,
    repeats,
    minSeconds: seconds[0],
    medianSeconds: seconds[seconds.length >> 1],
    compileSeconds,
    losses: [before, after],
  }),
);
