// The reference backend: the acceptance checks of the model equations, and what it refuses.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KernelArgument } from '../../src/backends/backend.js';
import { kernelNames } from '../../src/backends/catalogue.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { BackendError, KernelError, ShapeError } from '../../src/errors.js';
import { assertClose } from '../support/assert-close.js';
import { type CaseArgument, type KernelCase, runCase } from '../support/cases.js';
import { normals, sizeOf } from '../support/values.js';

const test = suite('reference backend');
const backend = createReferenceBackend();
const exact = { atol: 0, rtol: 0, reason: 'not compared here' };
const run = (kernel: string, args: KernelCase['args'], params: KernelCase['params'] = {}, variant?: string) =>
  runCase(backend, { kernel, name: kernel, args, params, ...(variant ? { variant } : {}), tolerance: exact });

/** One step of one trial from zero input: the state after it. */
async function oneStep(
  variant: string,
  parameters: Record<number, number>,
  size: number,
  options: { state?: number; layers?: number[]; params?: Record<string, number> } = {},
) {
  const flat = new Float64Array(size);
  for (const [index, value] of Object.entries(parameters)) flat[Number(index)] = value;
  const layers: CaseArgument | null = options.layers ? { shape: [options.layers.length], data: options.layers } : null;
  const { states } = await run(
    'rollout_forward',
    {
      inputs: { shape: [1, 1, 1], data: [0] },
      parameters: { shape: [size], data: flat },
      initial_state: { shape: [1, 1], data: [options.state ?? 0] },
      layer_sizes: layers,
      outputs: { shape: [1, 1, 1] },
      states: { shape: [1, 1, 1] },
    },
    { hidden_size: 1, ...options.params },
    variant,
  );
  return states[0];
}

test('the GRU applies its reset gate to the product with its bias', async () => {
  // H = I = 1: weight_ih 0–2, weight_hh 3–5, bias_ih 6–8, bias_hh 9–11 in the order r, z, n; z = 0 through a bias of −∞.
  const shared = { 7: Number.NEGATIVE_INFINITY, 11: 1 };
  assert.is(await oneStep('gru', { ...shared, 6: Number.POSITIVE_INFINITY }, 14), Math.tanh(1));
  assert.is(await oneStep('gru', { ...shared, 6: Number.NEGATIVE_INFINITY }, 14), 0);
});

test('the NODE moves by step_size times the bias of its last layer when its last weights are zero', async () => {
  // weights [2, 2] and bias [2] of the hidden layer, then weights [1, 2] and the bias, at 8.
  assert.is(await oneStep('node', { 0: 0.3, 1: -2, 8: 0.5 }, 11, { state: 0.25, layers: [2] }), 0.25 + 0.1 * 0.5);
});

test('the read-out of noisy cells sees the state before the noise, the state carries it', async () => {
  const [B, T, H] = [1, 3, 2];
  const args = {
    inputs: { shape: [B, T, 1], data: normals(T, 1) },
    parameters: { shape: [41], data: normals(41, 2) },
    initial_state: { shape: [B, H], data: [0.1, -0.2] },
    outputs: { shape: [B, T, 1] },
    states: { shape: [B, T, H] },
  };
  const quiet = await run('rollout_forward', args, { hidden_size: H }, 'gru');
  const noise = { shape: [B, T, H], data: [1e3, -1e3, 5, 5, 5, 5] };
  const noisy = await run('rollout_forward', { ...args, state_noise: noise }, { hidden_size: H }, 'gru');
  assert.is(noisy.outputs[0], quiet.outputs[0]);
  assert.is(noisy.states[0], quiet.states[0] + 1e3);
  assert.is.not(noisy.outputs[1], quiet.outputs[1]);
});

test('Adam takes the published steps on ½θ²', async () => {
  const state: Record<string, number[]> = { parameters: [1], moment1: [0], moment2: [0] };
  const expected = [0.9, 0.8004];
  for (let step = 1; step <= 2; step++) {
    const result = await run(
      'optimizer_step',
      { gradient: { shape: [1], data: state.parameters }, ...Object.fromEntries(Object.entries(state).map(([name, data]) => [name, { shape: [1], data }])) },
      { learning_rate: 0.1, correction1: 1 - 0.9 ** step, correction2: 1 - 0.999 ** step },
      'adam',
    );
    for (const name of Object.keys(state)) state[name] = [...result[name]];
    assertClose(state.parameters, [expected[step - 1]], { case: `Adam step ${step}`, atol: step === 1 ? 1e-6 : 1e-4 });
  }
});

test('clipping brings a norm of 5 to 1 and leaves 0.5 alone', async () => {
  for (const [gradient, clipped] of [
    [
      [3, 4],
      [0.6, 0.8],
    ],
    [
      [0.3, 0.4],
      [0.3, 0.4],
    ],
  ]) {
    const { norm } = await run('gradient_norm', { gradient: { shape: [2], data: gradient }, norm: { shape: [1] } });
    const { parameters } = await run(
      'optimizer_step',
      { gradient: { shape: [2], data: gradient }, norm: { shape: [1], data: norm }, parameters: { shape: [2] } },
      { learning_rate: 1, clip: 1 },
      'sgd',
    );
    assertClose(
      parameters,
      clipped.map((g) => -g),
      { case: 'clip', atol: 1e-6 },
    );
  }
});

test('a mask of zero freezes a parameter, its decay and its moments', async () => {
  const two = (data: number[]) => ({ shape: [2], data });
  const { parameters, moment1 } = await run(
    'optimizer_step',
    { gradient: two([1, 1]), mask: two([1, 0]), parameters: two([1, 1]), moment1: two([0.5, 0.5]), moment2: two([0.5, 0.5]) },
    { learning_rate: 0.1, weight_decay: 0.1 },
    'adamw',
  );
  assert.is(parameters[1], 1);
  assert.is(moment1[1], 0.5);
  assert.is.not(parameters[0], 1);
});

test('f32 precision rounds every store, f64 keeps it', async () => {
  for (const [precision, expected] of [
    ['f32', Math.fround(0.1)],
    ['f64', 0.1],
  ] as const) {
    const rounding = createReferenceBackend({ precision });
    const buffer = rounding.allocate(1, 'f32');
    rounding.write(buffer, [0.1]);
    assert.is((await rounding.read(buffer))[0], expected);
    assert.is(rounding.bytesInUse(), precision === 'f32' ? 4 : 8);
  }
});

const argument = (shape: number[], on = backend): KernelArgument => ({ buffer: on.allocate(sizeOf(shape), 'f32'), shape, dtype: 'f32' });

function refuses(fn: () => unknown, type: unknown, message: RegExp): void {
  try {
    fn();
  } catch (error) {
    assert.is((error as Error).constructor, type);
    assert.match((error as Error).message, message);
    return;
  }
  throw new Error(`expected an error like ${message}, got none`);
}

test('every kernel of the catalogue has a twin, which refuses a call without arguments', async () => {
  for (const name of kernelNames) {
    const twin: Record<string, unknown> = await import(`../../src/backends/reference/${name}.ts`);
    assert.type(twin[name], 'function');
    refuses(() => backend.run(name, { args: {} }), ShapeError, new RegExp(`^${name}: expected .* got nothing`));
  }
});

test('buffers that were freed, belong elsewhere or are too short are refused', () => {
  const x = argument([2]);
  const y = argument([2]);
  const negate = (args: Record<string, KernelArgument>) => () => backend.run('elementwise_unary', { args });
  refuses(negate({ x: { ...x, shape: [3] }, y: { ...y, shape: [3] } }), ShapeError, /expected a buffer of at least 3 elements for x \[3\], got 2/);
  refuses(negate({ x: argument([2], createReferenceBackend()), y }), BackendError, /expected x of this reference backend, got one of another backend/);
  backend.free(x.buffer);
  refuses(negate({ x, y }), BackendError, /expected x that is in use, got one that was freed/);
  refuses(() => backend.free(x.buffer), BackendError, /^free: /);
  refuses(() => backend.write(y.buffer, [1, 2], 1), BackendError, /expected a range inside 2 elements, got 2 from 1/);
  backend.free(y.buffer);
});

const impossible: readonly (readonly [string, string, Record<string, number[]>, Record<string, number>, unknown, RegExp])[] = [
  [
    'a view past its array',
    'copy_strided',
    { x: [4], y: [4] },
    views({ n3: 4, x_stride3: 1, y_stride3: 1, x_offset: 1 }),
    ShapeError,
    /expected a view inside x \[4\], got elements 1 to 4/,
  ],
  [
    'a view before its array',
    'copy_strided',
    { x: [4], y: [4] },
    views({ n3: 4, x_stride3: 1, y_stride3: -1 }),
    ShapeError,
    /expected a view inside y \[4\], got elements -3 to 0/,
  ],
  ['inner sizes that differ', 'matmul', { a: [1, 2, 3], b: [1, 2, 3], y: [1, 2, 3] }, {}, ShapeError, /expected equal inner sizes/],
  ['a product of the wrong shape', 'matmul', { a: [1, 2, 3], b: [1, 3, 4], y: [1, 2, 3] }, {}, ShapeError, /expected y of shape \[G, 2, 4\], got \[G, 2, 3\]/],
  [
    'a weight with the wrong channels',
    'squared_error_loss',
    { prediction: [1, 2, 3], weight: [1, 2, 2], trial_loss: [1] },
    { scale: 1, steps: 2 },
    ShapeError,
    /expected weight with 1 or O=3 channels, got 2/,
  ],
  ['clipping without a norm', 'optimizer_step', { gradient: [1], parameters: [1] }, { learning_rate: 1, clip: 1 }, KernelError, /run gradient_norm first/],
  [
    'momentum without memory',
    'optimizer_step',
    { gradient: [1], parameters: [1] },
    { learning_rate: 1, momentum: 0.9 },
    KernelError,
    /moment1 because momentum is not 0/,
  ],
  [
    'an initial state outside the parameters',
    'initial_state_forward',
    { parameters: [3], initial_state: [1, 2] },
    { offset: 2 },
    ShapeError,
    /expected the initial state \[2\] at offset 2 inside 3 parameters/,
  ],
];

function views(given: Record<string, number>): Record<string, number> {
  const params: Record<string, number> = {};
  for (const axis of [0, 1, 2, 3]) Object.assign(params, { [`n${axis}`]: 1, [`x_stride${axis}`]: 0, [`y_stride${axis}`]: 0 });
  return { ...params, ...given };
}

for (const [name, kernel, shapes, params, type, message] of impossible) {
  test(`${name}: refused before the kernel runs`, () => {
    const args = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, argument(shape)]));
    refuses(() => backend.run(kernel, { args, params }), type, message);
    for (const { buffer } of Object.values(args)) backend.free(buffer);
  });
}

test('a state of the wrong size and too few parameters are refused', () => {
  const rollout = (S: number, P: number) => {
    const args = {
      inputs: argument([1, 1, 1]),
      parameters: argument([P]),
      initial_state: argument([1, S]),
      outputs: argument([1, 1, 1]),
      scratch: argument([1]),
    };
    return () => backend.run('rollout_forward', { variant: 'lstm', args, params: { hidden_size: 2 } });
  };
  refuses(rollout(2, 100), ShapeError, /expected a state of 4 for hidden_size 2, got 2/);
  refuses(rollout(4, 10), ShapeError, /expected at least 43 parameters for I=1, hidden_size 2 and O=1, got 10/);
});

test('nothing works after dispose', async () => {
  const other = createReferenceBackend();
  const buffer = other.allocate(2, 'f32');
  await other.dispose();
  await other.dispose();
  refuses(() => other.write(buffer, [1, 2]), BackendError, /expected a reference backend in use, got one that was disposed/);
  assert.is(other.bytesInUse(), 0);
});

test.run();
