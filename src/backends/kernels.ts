// The list behind catalogue.ts: one entry a kernel, grouped as in the house: tensors, random numbers, rollouts, bodies (kernels-arm.ts), losses, optimiser.
import type { KernelSpec } from './catalogue.js';
import { cellParams, cells, f32, i32, kernel, read, unitChanges, update, write } from './kernel-entry.js';
import { armKernels } from './kernels-arm.js';

// Views of up to four axes: sizes n0..n3 (row-major output order), one stride per axis and operand, 0 where it is broadcast.
const sizes = [0, 1, 2, 3].map((axis) => i32(`n${axis}`));
const strides = (operand: string) => [0, 1, 2, 3].map((axis) => i32(`${operand}${axis}`));

/** Why a backend of shaders lacks the kernels of fixed points: squared speeds below 1e-20 are far below what f32 resolves. */
const noDouble = 'WGSL has no f64, and a speed below 1e-20 is beyond f32; use the wasm backend';
const noDoubleInGpujs = 'gpu.js computes in floats, and a speed below 1e-20 is beyond them; use the wasm backend';

export const kernels: readonly KernelSpec[] = [
  kernel({
    name: 'elementwise_unary',
    // y = f(x), element by element
    variants: [
      'negate',
      'absolute',
      'sign',
      'square',
      'square_root',
      'reciprocal',
      'exponential',
      'logarithm',
      'tanh',
      'sigmoid',
      'softplus',
      'relu',
      'sine',
      'cosine',
      'floor',
    ],
    args: [read('x [N]'), write('y [N]')],
    params: [],
  }),
  kernel({
    name: 'elementwise_binary',
    // y = f(a, b) with broadcasting by strides; comparisons give 0 or 1
    variants: ['add', 'subtract', 'multiply', 'divide', 'power', 'maximum', 'minimum', 'equal', 'not_equal', 'less', 'less_equal'],
    args: [read('a [A]'), read('b [B]'), write('y [N]')],
    params: [...sizes, ...strides('a_stride'), ...strides('b_stride')],
  }),
  kernel({
    name: 'select',
    // y = condition ≠ 0 ? a : b, with broadcasting by strides
    args: [read('condition [C]'), read('a [A]'), read('b [B]'), write('y [N]')],
    params: [...sizes, ...strides('c_stride'), ...strides('a_stride'), ...strides('b_stride')],
  }),
  kernel({
    name: 'matmul',
    // y[g] = op(a[g]) · op(b[g]) for G matrices; op transposes where asked
    args: [read('a [G, A0, A1]'), read('b [G, B0, B1]'), write('y [G, M, N]')],
    params: [i32('transpose_a', 0), i32('transpose_b', 0)],
  }),
  kernel({
    name: 'reduce',
    // y = scale · (sum or max over the middle axis of x)
    variants: ['sum', 'max'],
    args: [read('x [L, R, C]'), write('y [L, C]')],
    params: [f32('scale', 1)],
  }),
  kernel({
    name: 'copy_strided',
    // y[y_offset + i·y_stride] = (accumulate ? itself : 0) + x[x_offset + i·x_stride]: transpose, slice, concat, pad, broadcast
    args: [read('x [A]'), update('y [B]')],
    params: [...sizes, i32('x_offset', 0), ...strides('x_stride'), i32('y_offset', 0), ...strides('y_stride'), i32('accumulate', 0)],
  }),
  kernel({
    name: 'gather',
    // y[k] = x[index[k]], rows of C elements; NaN where the index is outside 0 … R − 1
    args: [read('x [R, C]'), read('index [K]', 'i32'), write('y [K, C]')],
    params: [],
  }),
  kernel({
    name: 'scatter_add',
    // y[index[k]] += x[k], k in ascending order; rows whose index is outside 0 … R − 1 are skipped
    args: [read('x [K, C]'), read('index [K]', 'i32'), update('y [R, C]')],
    params: [],
  }),
  kernel({
    name: 'cumulative_sum',
    // running sum along the middle axis, from the end when reverse
    args: [read('x [L, R, C]'), write('y [L, R, C]')],
    params: [i32('reverse', 0)],
  }),
  // y = value
  kernel({ name: 'fill', args: [write('y [N]')], params: [f32('value')] }),
  kernel({
    name: 'random',
    // y[b, j] = offset + scale · draw keyed (key0, key1) at counter (trial[b], j): the numbers of src/random.ts
    variants: ['normal', 'uniform'],
    args: [read('trial [B]', 'i32'), write('y [B, C]')],
    params: [i32('key0'), i32('key1'), f32('scale', 1), f32('offset', 0)],
  }),
  kernel({
    name: 'initial_state_forward',
    // initial_state[b] = parameters[offset .. offset + S) (zeros when offset < 0) + noise_scale · noise[b], on the first noise_size entries
    args: [read('parameters [P]'), read('noise? [B, N]'), write('initial_state [B, S]')],
    params: [i32('offset'), f32('noise_scale', 0)],
  }),
  kernel({
    name: 'initial_state_backward',
    // gradient[offset + s] += Σ_b d_initial_state[b, s], b ascending
    args: [read('d_initial_state [B, S]'), update('gradient [P]')],
    params: [i32('offset')],
  }),
  kernel({
    name: 'rollout_forward',
    // runs a cell and its read-out through all T steps of B trials; S is the state size (2H for LSTM: h, c); where unit_row > 0 the state becomes gain ∘ h + shift
    variants: cells,
    args: [
      read('inputs [B, T, I]'),
      read('parameters [P]'),
      read('initial_state [B, S]'),
      read('state_noise? [B, T, H]'),
      read('layer_sizes? [L]', 'i32'),
      ...unitChanges,
      write('outputs [B, T, O]'),
      write('states? [B, T, S]'),
      write('cache? [scratch]'),
      write('scratch [scratch]'),
    ],
    params: cellParams,
  }),
  kernel({
    name: 'rollout_backward',
    // runs time in reverse and adds the gradient of every cell and read-out parameter to `gradient`; gives that of initial state and inputs
    variants: cells,
    args: [
      read('inputs [B, T, I]'),
      read('parameters [P]'),
      read('initial_state [B, S]'),
      read('state_noise? [B, T, H]'),
      read('layer_sizes? [L]', 'i32'),
      ...unitChanges,
      read('outputs [B, T, O]'),
      read('cache [scratch]'),
      read('d_outputs [B, T, O]'),
      read('d_states? [B, T, S]'),
      update('gradient [P]'),
      write('d_initial_state [B, S]'),
      write('d_inputs? [B, T, I]'),
      write('scratch [scratch]'),
    ],
    params: cellParams,
  }),
  ...armKernels,
  kernel({
    name: 'absolute_error_loss',
    // trial_loss[b] += scale Σ_{t < steps, o} w |prediction − target|, d_prediction += its gradient (0 where they are equal); target absent = 0, w absent = 1, W is O or 1
    args: [read('prediction [B, T, O]'), read('target? [B, T, O]'), read('weight? [B, T, W]'), update('trial_loss [B]'), update('d_prediction? [B, T, O]')],
    params: [f32('scale'), i32('steps')],
  }),
  kernel({
    name: 'squared_error_loss',
    // trial_loss[b] += scale Σ_{t < steps, o} w (prediction − target)², d_prediction += its gradient; target absent = 0, w absent = 1, W is O or 1
    args: [read('prediction [B, T, O]'), read('target? [B, T, O]'), read('weight? [B, T, W]'), update('trial_loss [B]'), update('d_prediction? [B, T, O]')],
    params: [f32('scale'), i32('steps')],
  }),
  kernel({
    name: 'cross_entropy_loss',
    // trial_loss[b] += −scale Σ_t w Σ_o target · log softmax(prediction), d_prediction += its gradient; target holds probabilities
    args: [read('prediction [B, T, O]'), read('target [B, T, O]'), read('weight? [B, T, W]'), update('trial_loss [B]'), update('d_prediction? [B, T, O]')],
    params: [f32('scale')],
  }),
  kernel({
    name: 'norm_loss',
    // trial_loss[b] += scale · ‖states[b, :, 0 .. size)‖₂, d_states += its gradient (0 where the norm is 0)
    args: [read('states [B, T, S]'), update('trial_loss [B]'), update('d_states? [B, T, S]')],
    params: [f32('scale'), i32('size')],
  }),
  kernel({
    name: 'gradient_norm',
    // norm[0] = ‖mask ∘ gradient‖₂ (mask absent = 1), in a fixed order
    args: [read('gradient [P]'), read('mask? [P]'), write('norm [E]')],
    params: [],
  }),
  kernel({
    name: 'optimizer_step',
    // one update of all parameters: clip by norm, L2 (sgd, adam) or decoupled decay (adamw), moments; mask 0 freezes
    variants: ['sgd', 'adam', 'adamw'],
    args: [read('gradient [P]'), read('norm? [E]'), read('mask? [P]'), update('parameters [P]'), update('moment1? [P]'), update('moment2? [P]')],
    params: [
      f32('learning_rate'),
      f32('weight_decay', 0),
      f32('clip', 0),
      f32('beta1', 0.9),
      f32('beta2', 0.999),
      f32('epsilon', 1e-8),
      f32('correction1', 1),
      f32('correction2', 1),
      f32('momentum', 0),
    ],
  }),
  kernel({
    name: 'cell_jacobian',
    // one step of a cell in f64 from B states under B inputs, next = F(states, inputs), and its derivatives: jacobian[b, i, j] = ∂next_i/∂state_j, input_jacobian[b, i, j] = ∂next_i/∂input_j
    variants: cells,
    args: [
      read('inputs [B, I]', 'f64'),
      read('parameters [P]'),
      read('states [B, S]', 'f64'),
      read('layer_sizes? [L]', 'i32'),
      write('next [B, S]', 'f64'),
      write('jacobian? [B, S, S]', 'f64'),
      write('input_jacobian? [B, S, I]', 'f64'),
      write('scratch [scratch]'),
    ],
    params: cellParams,
    absent: { webgpu: noDouble, gpujs: noDoubleInGpujs },
  }),
  kernel({
    name: 'damped_step',
    // δ of (JᵀJ + damping I) δ = −JᵀR for B maps, R = next − states, J = jacobian − I; speed = ½‖R‖²; NaN where the matrix is not positive definite
    args: [
      read('states [B, S]', 'f64'),
      read('next [B, S]', 'f64'),
      read('jacobian [B, S, S]', 'f64'),
      read('damping [B]', 'f64'),
      write('step [B, S]', 'f64'),
      write('speed [B]', 'f64'),
      write('scratch [scratch]'),
    ],
    params: [],
    absent: { webgpu: noDouble, gpujs: noDoubleInGpujs },
  }),
  kernel({
    name: 'ceiling',
    // y[n] = the end of `iterations` multiply-adds on 12 vectors that stay in registers: the speed limit that benchmarks compare with
    args: [write('y [N]')],
    params: [i32('iterations')],
  }),
];
