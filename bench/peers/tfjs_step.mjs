// One training step of TensorFlow.js on the flip-flop: an unrolled GRU-128, masked loss, clipping at 1, Adam; gradients by its tape.
// Usage (after `npm install` in bench/): node peers/tfjs_step.mjs --backend wasm|webgpu|cpu --batch 32 --steps 100 --repeats 10 [--threads 2]; prints one line of JSON.
// webgpu: needs a GPU and `npm install webgpu` in bench/, which brings WebGPU to Node.
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'wasm' },
    batch: { type: 'string', default: '32' },
    steps: { type: 'string', default: '100' },
    repeats: { type: 'string', default: '10' },
    threads: { type: 'string', default: '1' },
  },
});
const { backend } = values;
const [B, T, repeats, threads] = [values.batch, values.steps, values.repeats, values.threads].map(Number);
const [I, H, O] = [3, 128, 3];

/** Loads a backend and makes it the one that computes. */
async function start() {
  if (backend === 'wasm') {
    const { setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    setThreadsCount(threads);
  } else if (backend === 'webgpu') {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
    await import('@tensorflow/tfjs-backend-webgpu');
  } else if (backend !== 'cpu') throw new Error(`tfjs_step: expected --backend wasm, webgpu or cpu, got ${backend}`);
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs_step: expected the backend ${backend} to start, got a refusal`);
  await tf.ready();
}

await start();

const uniform = (...shape) => tf.randomUniform(shape, -1 / Math.sqrt(H), 1 / Math.sqrt(H));
const variable = (tensor, name) => tf.variable(tensor, true, name);
const wi = variable(uniform(I, 3 * H), 'wi');
const wh = variable(uniform(H, 3 * H), 'wh');
const bi = variable(uniform(3 * H), 'bi');
const bh = variable(uniform(3 * H), 'bh');
const wo = variable(uniform(H, O), 'wo');
const bo = variable(uniform(O), 'bo');
const h0 = variable(tf.zeros([1, H]), 'h0');
const inputs = Array.from({ length: T }, () => uniform(B, I));
const targets = Array.from({ length: T }, () => uniform(B, O));
const mask = tf.ones([B, O]);

/** PyTorch's GRU, with weights stored transposed, [inputs, 3H]. */
function loss() {
  let h = tf.add(tf.tile(h0, [B, 1]), tf.mul(0.05, tf.randomNormal([B, H])));
  const losses = [];
  for (let t = 0; t < T; t++) {
    const [ar, az, an] = tf.split(tf.add(tf.matMul(inputs[t], wi), bi), 3, 1);
    const [cr, cz, cn] = tf.split(tf.add(tf.matMul(h, wh), bh), 3, 1);
    const r = tf.sigmoid(tf.add(ar, cr));
    const z = tf.sigmoid(tf.add(az, cz));
    const n = tf.tanh(tf.add(an, tf.mul(r, cn)));
    h = tf.add(n, tf.mul(z, tf.sub(h, n)));
    const error = tf.sub(tf.add(tf.matMul(h, wo), bo), targets[t]);
    losses.push(tf.sum(tf.mul(mask, tf.square(error))));
  }
  return tf.mul(tf.addN(losses), 1 / (B * T * O));
}

const optimizer = tf.train.adam(1e-3);

async function step() {
  const value = tf.tidy(() => {
    const { value: total, grads } = tf.variableGrads(loss);
    const norm = tf.sqrt(tf.addN(Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)))));
    const scale = tf.minimum(1, tf.div(1, tf.add(norm, 1e-6)));
    optimizer.applyGradients(Object.fromEntries(Object.entries(grads).map(([name, gradient]) => [name, tf.mul(gradient, scale)])));
    return total;
  });
  const [number] = await value.data();
  value.dispose();
  return number;
}

const firstStart = performance.now();
const before = await step();
const compileSeconds = (performance.now() - firstStart) / 1000;
await step();
const seconds = [];
let after = before;
for (let i = 0; i < repeats; i++) {
  const begin = performance.now();
  after = await step();
  seconds.push((performance.now() - begin) / 1000);
}
seconds.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    peer: `tfjs-${backend}`,
    version: tf.version_core,
    model: 'gru',
    batchSize: B,
    steps: T,
    threads: backend === 'wasm' ? threads : 1,
    repeats,
    minSeconds: seconds[0],
    medianSeconds: seconds[seconds.length >> 1],
    compileSeconds,
    losses: [before, after],
  }),
);
process.exit(0); // its threads would keep the process alive
