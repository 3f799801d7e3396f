// Holds the errors that assembly/inline/activation.ts states for its functions, strict and relaxed, against f64 on dense grids.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend, KernelArgument } from '../../src/backends/backend.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { skip } from '../support/skip.js';

const test = suite('wasm activations');

interface Bound {
  readonly variant: string;
  readonly exact: (x: number) => number;
  readonly from: number;
  readonly to: number;
  readonly absolute: number;
  readonly relative: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** |error| ≤ absolute + relative · |value|, before the reference is rounded. */
const bounds: readonly Bound[] = [
  { variant: 'tanh', exact: Math.tanh, from: -9, to: 9, absolute: 3.4e-7, relative: 0 },
  { variant: 'tanh', exact: Math.tanh, from: -1e6, to: 1e6, absolute: 3.4e-7, relative: 0 },
  { variant: 'tanh', exact: Math.tanh, from: -1e-3, to: 1e-3, absolute: 0, relative: 3.4e-7 },
  { variant: 'sigmoid', exact: sigmoid, from: -80, to: 80, absolute: 0, relative: 4e-7 },
  { variant: 'exponential', exact: Math.exp, from: -87, to: 88.7, absolute: 0, relative: 2e-7 },
  { variant: 'exponential', exact: Math.exp, from: -1, to: 1, absolute: 0, relative: 2e-7 },
  { variant: 'logarithm', exact: Math.log, from: 1e-6, to: 3, absolute: 1e-7, relative: 2e-7 },
  { variant: 'logarithm', exact: Math.log, from: 1, to: 1e30, absolute: 0, relative: 2e-7 },
  { variant: 'softplus', exact: softplus, from: -100, to: 30, absolute: 2e-7, relative: 6e-8 },
  { variant: 'sine', exact: Math.sin, from: -10, to: 10, absolute: 1.5e-7, relative: 0 },
  { variant: 'sine', exact: Math.sin, from: -1e6, to: 1e6, absolute: 1.5e-7, relative: 0 },
  { variant: 'sine', exact: Math.sin, from: 9e8, to: 1e9, absolute: 1e-6, relative: 0 },
  { variant: 'cosine', exact: Math.cos, from: -10, to: 10, absolute: 1.5e-7, relative: 0 },
  { variant: 'cosine', exact: Math.cos, from: -1e6, to: 1e6, absolute: 1.5e-7, relative: 0 },
];

const points = 300_001;
const grid = (from: number, to: number) => Float32Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));

function vector(backend: Backend, data: ArrayLike<number>, shape: readonly number[] = [data.length]): KernelArgument {
  const buffer = backend.allocate(data.length, 'f32');
  backend.write(buffer, data);
  return { buffer, shape, dtype: 'f32' };
}

/** The largest |error| over its bound. */
function worst(
  actual: ArrayLike<number>,
  x: ArrayLike<number>,
  { exact, absolute, relative }: Pick<Bound, 'exact' | 'absolute' | 'relative'>,
): { share: number; at: number } {
  let share = 0;
  let at = 0;
  for (let i = 0; i < x.length; i++) {
    const expected = exact(x[i] as number);
    const ratio = Math.abs((actual[i] as number) - expected) / (absolute + relative * Math.abs(expected));
    if (!(ratio <= share)) [share, at] = [ratio, x[i] as number];
  }
  return { share, at };
}

for (const variant of ['simd', 'relaxed'] as const) {
  let backend: Backend;
  try {
    backend = await createWasmBackend({ variant, threads: 1 });
  } catch (error) {
    skip(test, `activations on wasm ${variant}`, (error as Error).message);
    continue;
  }
  test.after(() => backend.dispose());

  test(`every function keeps its stated error, ${variant}`, async () => {
    for (const bound of bounds) {
      const data = grid(bound.from, bound.to);
      const x = vector(backend, data);
      backend.run('elementwise_unary', { variant: bound.variant, args: { x, y: x } });
      const { share, at } = worst(await backend.read(x.buffer), data, bound);
      assert.ok(share <= 1, `${bound.variant} on [${bound.from}, ${bound.to}]: ${share} of the bound at ${at}`);
      backend.free(x.buffer);
    }
  });

  test(`the sigmoid of gates and read-outs keeps its stated error, ${variant}`, async () => {
    // A read-out with zero weights: its outputs are σ of its biases.
    for (const reach of [9, 40]) {
      const data = grid(-reach, reach);
      const parameters = new Float32Array(1 + 1 + 2 + points + points);
      parameters.set(data, 4 + points);
      const inputs = vector(backend, [0], [1, 1, 1]);
      const args: Record<string, KernelArgument> = {
        inputs,
        parameters: vector(backend, parameters),
        initial_state: vector(backend, [0], [1, 1]),
        outputs: vector(backend, new Float32Array(points), [1, 1, points]),
      };
      const params = { hidden_size: 1, readout_sigmoid: 1 };
      args['scratch'] = vector(backend, new Float32Array(backend.scratchLength('rollout_forward', 'scratch', { variant: 'rnn', args, params })));
      backend.run('rollout_forward', { variant: 'rnn', args, params });
      const { share, at } = worst(await backend.read((args['outputs'] as KernelArgument).buffer), data, { exact: sigmoid, absolute: 2e-7, relative: 0 });
      assert.ok(share <= 1, `${share} of the bound at ${at}`);
      for (const { buffer } of Object.values(args)) backend.free(buffer);
    }
  });

  test(`tanh and σ have their limits and pass NaN, ${variant}`, async () => {
    const x = vector(backend, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30]);
    backend.run('elementwise_unary', { variant: 'tanh', args: { x, y: x } });
    const [nan, ...limits] = await backend.read(x.buffer);
    assert.ok(Number.isNaN(nan));
    [1, -1, 1, -1].forEach((limit, i) => assert.ok(Math.abs((limits[i] as number) - limit) <= 3.4e-7));
  });
}

test.run();
