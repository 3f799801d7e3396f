// What `bench kernels` runs: every kernel that training spends time in, at sizes of the flip-flop recipe, each also in a small version that is checked first.
// The exhaustive cases of test/ do not travel with the package; these are a benchmark's own, and as they go through the same catalogue, they cannot drift from it.
import type { KernelCall } from '../../backends/backend.js';
import { createModel } from '../../models/model.js';
import type { ModelInput } from '../../models/options.js';

/** One argument: its shape, and how its elements are drawn. Outputs start at zero. */
export interface BenchArgument {
  readonly shape: readonly number[];
  readonly fill?: 'normal' | 'small' | 'tiny' | 'indices';
  readonly data?: ArrayLike<number>;
}

export interface BenchCase {
  readonly kernel: string;
  /** What the row says besides the kernel's name. */
  readonly shape: string;
  readonly call: Pick<KernelCall, 'variant' | 'params'>;
  readonly args: Readonly<Record<string, BenchArgument | null>>;
  /** Algorithmic floating-point operations, or null where counting them says nothing. */
  readonly flops: number | null;
  /** Bytes read and written if every array moves once. */
  readonly bytes: number;
  /** Runs before it, once, for what it needs (forward before backward). */
  readonly before?: BenchCase;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

function benchCase(
  kernel: string,
  shape: string,
  args: BenchCase['args'],
  more: { call?: BenchCase['call']; flops?: number; before?: BenchCase } = {},
): BenchCase {
  const bytes = Object.values(args).reduce((sum, argument) => sum + (argument ? 4 * sizeOf(argument.shape) : 0), 0);
  const { call = {}, flops = null, before } = more;
  return { kernel, shape, call, args, flops, bytes, ...(before ? { before } : {}) };
}

const normal = (...shape: number[]): BenchArgument => ({ shape, fill: 'normal' });
const output = (...shape: number[]): BenchArgument => ({ shape });

/** Strides of a row-major view for the parameters `n0` … and `PREFIX_stride0` …. */
const view = (prefix: string, strides: readonly number[]) => Object.fromEntries(strides.map((stride, axis) => [`${prefix}_stride${axis}`, stride]));

const models: readonly ModelInput[] = [
  { cell: 'gru', hiddenSize: 128 },
  { cell: 'lstm', hiddenSize: 128 },
  { cell: 'rnn', hiddenSize: 128 },
  { cell: 'node', hiddenSize: 3, layerSizes: [64, 64] },
  { cell: 'driscoll', hiddenSize: 128 },
];

/**
 * Forward and backward of a cell over B trials and T steps. `tiny`: weights four times larger, which saturates gates, and output gradients of 1e-30, whose
 * products would be denormal numbers: a hundred times slower where nothing flushes them to zero.
 */
function rollouts(options: ModelInput, B: number, T: number, tiny = false): BenchCase[] {
  const model = createModel({ ...options, initialState: 'zeros' } as ModelInput, 3, 3);
  const { inputSize: I, outputSize: O, stateSize: S, parameterCount: P, kernel } = model;
  const call = { variant: kernel.variant, params: kernel.params };
  const shared = {
    inputs: normal(B, T, I),
    parameters: { shape: [P], data: model.initialise(0).map((value) => (tiny ? 4 * value : value)) },
    initial_state: { shape: [B, S], fill: 'small' as const },
    layer_sizes: kernel.layerSizes ? { shape: [kernel.layerSizes.length], data: kernel.layerSizes } : null,
  };
  const shape = `${model.cell}-${model.hiddenSize}, ${B} × ${T}${tiny ? ', tiny gradients' : ''}`;
  const flops = model.forwardFlops * B * T;
  const forward = benchCase('rollout_forward', shape, { ...shared, outputs: output(B, T, O) }, { call, flops });
  const gradients = {
    outputs: output(B, T, O),
    d_outputs: { shape: [B, T, O], fill: tiny ? ('tiny' as const) : ('normal' as const) },
    gradient: output(P),
    d_initial_state: output(B, S),
  };
  return [forward, benchCase('rollout_backward', shape, { ...shared, ...gradients }, { call, flops: 2 * flops, before: forward })];
}

/** Operations of Adam on one parameter: decay 2, clipping 1, moments 3 + 4, corrections 2, root, sum and quotient 3, update 2. */
const adamFlops = 17;

/** The cases at full size, or small enough for the reference. */
export function kernelCases(small: boolean): BenchCase[] {
  const N = small ? 1003 : 1 << 20;
  const M = small ? 37 : 512;
  const [B, T] = small ? [8, 20] : [64, 100];
  const P = small ? 1003 : 51_587;
  const row = [0, 0, 0, 1];
  return [
    benchCase('elementwise_unary', `tanh of ${N}`, { x: normal(N), y: output(N) }, { call: { variant: 'tanh' } }),
    benchCase(
      'elementwise_binary',
      `add ${N}`,
      { a: normal(N), b: normal(N), y: output(N) },
      { call: { variant: 'add', params: { n0: 1, n1: 1, n2: 1, n3: N, ...view('a', row), ...view('b', row) } }, flops: N },
    ),
    benchCase('matmul', `${M} × ${M} × ${M}`, { a: normal(1, M, M), b: normal(1, M, M), y: output(1, M, M) }, { flops: 2 * M ** 3 }),
    benchCase('reduce', `sum ${M} × ${M} × 8`, { x: normal(M, M, 8), y: output(M, 8) }, { call: { variant: 'sum' }, flops: 8 * M * M }),
    benchCase(
      'copy_strided',
      `transpose ${M} × ${M}`,
      { x: normal(M * M), y: output(M * M) },
      { call: { params: { n0: 1, n1: 1, n2: M, n3: M, ...view('x', [0, 0, 1, M]), ...view('y', [0, 0, M, 1]) } } },
    ),
    benchCase('gather', `${M} rows of 1500`, { x: normal(M, 1500), index: { shape: [M], fill: 'indices' }, y: output(M, 1500) }),
    benchCase(
      'random',
      `${M} × 128 normals`,
      { trial: { shape: [M], fill: 'indices' }, y: output(M, 128) },
      { call: { variant: 'normal', params: { key0: 1, key1: 2 } } },
    ),
    benchCase(
      'squared_error_loss',
      `${B} × ${T} × 3`,
      { prediction: normal(B, T, 3), target: normal(B, T, 3), weight: normal(B, T, 3), trial_loss: output(B), d_prediction: output(B, T, 3) },
      { call: { params: { scale: 0.01, steps: T } } },
    ),
    benchCase(
      'optimizer_step',
      `adam, ${P}`,
      { gradient: normal(P), norm: { shape: [1], data: [1] }, parameters: normal(P), moment1: output(P), moment2: output(P) },
      { flops: adamFlops * P, call: { variant: 'adam', params: { learning_rate: 1e-3, weight_decay: 1e-8, clip: 1 } } },
    ),
    benchCase('gradient_norm', `${P}`, { gradient: normal(P), norm: output(1) }, { flops: 2 * P }),
    ...models.flatMap((model) => rollouts(model, B, T)),
    ...rollouts({ cell: 'gru', hiddenSize: 128 }, B, T, true),
  ];
}
