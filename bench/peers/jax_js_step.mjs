// One training step of jax-js on the flip-flop: an unrolled GRU-128 under jit, masked loss, value and gradient, plain SGD.
// Usage (after `npm install` in bench/): node jax_js_step.mjs --batch 32 --steps 100 --repeats 10; prints one line of JSON.
// Arrays are reference-counted: `.ref` keeps one that is used again.
import { parseArgs } from 'node:util';
import { init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';

const { values } = parseArgs({
  options: { batch: { type: 'string', default: '32' }, steps: { type: 'string', default: '100' }, repeats: { type: 'string', default: '10' } },
});
const [B, T, repeats] = [values.batch, values.steps, values.repeats].map(Number);
const [I, H, O] = [3, 128, 3];

await init('wasm');

function random(...shape) {
  const size = shape.reduce((product, n) => product * n, 1);
  const scale = 1 / Math.sqrt(H);
  return np.array(Float32Array.from({ length: size }, () => scale * (2 * Math.random() - 1))).reshape(shape);
}

/** PyTorch's GRU, with weights stored transposed, [inputs, 3H]. */
function loss(parameters, inputs, targets, mask) {
  const { wi, wh, bi, bh, wo, bo, h0 } = parameters;
  const z0 = np.zeros([B, H]);
  let h = z0.add(h0);
  let total = np.array(0);
  const cut = (x, gate) => x.slice([], [gate * H, (gate + 1) * H]);
  for (let t = 0; t < T; t++) {
    const x = inputs.ref.slice(t);
    const a = np.matmul(x, wi.ref).add(bi.ref);
    const c = np.matmul(h.ref, wh.ref).add(bh.ref);
    const r = nn.sigmoid(cut(a.ref, 0).add(cut(c.ref, 0)));
    const z = nn.sigmoid(cut(a.ref, 1).add(cut(c.ref, 1)));
    const n = np.tanh(cut(a, 2).add(r.mul(cut(c, 2))));
    h = n.ref.add(z.mul(h.sub(n)));
    const y = np.matmul(h.ref, wo.ref).add(bo.ref);
    total = total.add(np.sum(np.square(y.sub(targets.ref.slice(t))).mul(mask.ref.slice(t))));
  }
  for (const array of [wi, wh, bi, bh, wo, bo, h, inputs, targets, mask]) array.dispose();
  return total.mul(1 / (B * T * O));
}

const update = jit((parameters, inputs, targets, mask) => {
  const [value, gradient] = valueAndGrad(loss)(tree.ref(parameters), inputs, targets, mask);
  return [value, tree.map((p, g) => p.sub(g.mul(0.01)), parameters, gradient)];
});

let parameters = { wi: random(I, 3 * H), wh: random(H, 3 * H), bi: random(3 * H), bh: random(3 * H), wo: random(H, O), bo: random(O), h0: np.zeros([H]) };
const data = [random(T, B, I), random(T, B, O), np.ones([T, B, O])];

async function step() {
  const [value, next] = update(parameters, ...data.map((array) => array.ref));
  parameters = next;
  return (await value.data())[0];
}

const compileStart = performance.now();
await step();
const compileSeconds = (performance.now() - compileStart) / 1000;
await step();
const seconds = [];
for (let i = 0; i < repeats; i++) {
  const start = performance.now();
  await step();
  seconds.push((performance.now() - start) / 1000);
}
seconds.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    peer: 'jax-js',
    version: '0.1.25',
    model: 'gru',
    batchSize: B,
    steps: T,
    threads: 1,
    repeats,
    minSeconds: seconds[0],
    medianSeconds: seconds[seconds.length >> 1],
    compileSeconds,
  }),
);
