// The list behind catalogue.ts: one entry a kernel, grouped as in the house: tensors, random numbers, rollouts, losses, optimiser.
import type { Access, ArgumentSpec, KernelSpec, ParameterSpec } from './catalogue.js';
import type { DType } from './backend.js';

function argument(access: Access, text: string, dtype: DType = 'f32'): ArgumentSpec {
  const match = /^(\w+)(\?)? \[(.*)\]$/.exec(text);
  if (!match) throw new Error(`kernels: malformed argument "${text}"`);
  const [, name, optional, shape] = match;
  return { name: name as string, shape: (shape as string).split(', '), dtype, access, ...(optional ? { optional: true } : {}) };
}
const read = (text: string, dtype?: DType) => argument('read', text, dtype);
const write = (text: string, dtype?: DType) => argument('write', text, dtype);
const update = (text: string, dtype?: DType) => argument('update', text, dtype);
const f32 = (name: string, fallback?: number): ParameterSpec => ({ name, type: 'f32', ...(fallback === undefined ? {} : { default: fallback }) });
const i32 = (name: string, fallback?: number): ParameterSpec => ({ name, type: 'i32', ...(fallback === undefined ? {} : { default: fallback }) });

function kernel(entry: Omit<KernelSpec, 'dims' | 'variants'> & { variants?: readonly string[] }): KernelSpec {
  const dims = [...new Set(entry.args.flatMap((a) => a.shape))].filter((letter) => letter !== 'scratch');
  return { variants: ['default'], ...entry, dims };
}

// Views of up to four axes: sizes n0..n3 (row-major output order), one stride per axis and operand, 0 where it is broadcast.
const sizes = [0, 1, 2, 3].map((axis) => i32(`n${axis}`));
const strides = (operand: string) => [0, 1, 2, 3].map((axis) => i32(`${operand}${axis}`));

// What a cell needs besides tensors (src/models/model.ts fills these in).
const cellParams = [
  i32('hidden_size'),
  i32('readout_sigmoid', 0),
  f32('step_size', 0.1), // NODE: h' = h + step_size · MLP([h, x])
  f32('gamma', 0.2), // Driscoll: leak
  i32('activation', 0), // Driscoll: 0 softplus, 1 tanh, 2 relu, 3 retanh
  i32('ctdb', 0), // Driscoll as implemented by CtDB: recW in the leak term, read-out of the old state
];
const cells = ['gru', 'lstm', 'rnn', 'node', 'driscoll'] as const;

// A body as data (body-layout.ts). J = 4: positions, then velocities of two joints (axes); D = 2 axes; R rows of a muscle's state, G = 4 of its geometry.
const body = [read('body_layout [K]', 'i32'), read('body [Q]')];
// How the network senses the body: frames of delay (1 is the newest), earlier actions that it sees, external inputs that come before the observation.
const sensorParams = [i32('vision_delay', 1), i32('proprioception_delay', 1), i32('action_frames', 0), i32('leading_inputs', 0)];
const closedLoopReads = [
  read('inputs [B, T, E]'),
  read('parameters [P]'),
  read('initial_state [B, S]'),
  read('state_noise? [B, T, H]'),
  read('layer_sizes? [L]', 'i32'),
  ...body,
  read('joint0 [B, J]'),
  read('endpoint_load? [B, T, D]'),
  read('joint_load? [B, T, D]'),
  read('action_noise? [B, T, M]'),
  read('vision_noise? [B, U, D]'),
  read('proprioception_noise? [B, U, F]'),
  read('observation_noise? [B, T, V]'),
];

/** Why a backend of shaders lacks the kernels of fixed points: squared speeds below 1e-20 are far below what f32 resolves. */
const noDouble = 'WGSL has no f64, and a speed below 1e-20 is beyond f32; use the wasm backend';

export const kernels: readonly KernelSpec[] = [
  kernel({
    name: 'elementwise_unary',
    does: 'y = f(x), element by element',
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
    does: 'y = f(a, b) with broadcasting by strides; comparisons give 0 or 1',
    variants: ['add', 'subtract', 'multiply', 'divide', 'power', 'maximum', 'minimum', 'equal', 'not_equal', 'less', 'less_equal'],
    args: [read('a [A]'), read('b [B]'), write('y [N]')],
    params: [...sizes, ...strides('a_stride'), ...strides('b_stride')],
  }),
  kernel({
    name: 'select',
    does: 'y = condition ≠ 0 ? a : b, with broadcasting by strides',
    args: [read('condition [C]'), read('a [A]'), read('b [B]'), write('y [N]')],
    params: [...sizes, ...strides('c_stride'), ...strides('a_stride'), ...strides('b_stride')],
  }),
  kernel({
    name: 'matmul',
    does: 'y[g] = op(a[g]) · op(b[g]) for G matrices; op transposes where asked',
    args: [read('a [G, A0, A1]'), read('b [G, B0, B1]'), write('y [G, M, N]')],
    params: [i32('transpose_a', 0), i32('transpose_b', 0)],
  }),
  kernel({
    name: 'reduce',
    does: 'y = scale · (sum or max over the middle axis of x)',
    variants: ['sum', 'max'],
    args: [read('x [L, R, C]'), write('y [L, C]')],
    params: [f32('scale', 1)],
  }),
  kernel({
    name: 'copy_strided',
    does: 'y[y_offset + i·y_stride] = (accumulate ? itself : 0) + x[x_offset + i·x_stride]: transpose, slice, concat, pad, broadcast',
    args: [read('x [A]'), update('y [B]')],
    params: [...sizes, i32('x_offset', 0), ...strides('x_stride'), i32('y_offset', 0), ...strides('y_stride'), i32('accumulate', 0)],
  }),
  kernel({
    name: 'gather',
    does: 'y[k] = x[index[k]], rows of C elements; NaN where the index is outside 0 … R − 1',
    args: [read('x [R, C]'), read('index [K]', 'i32'), write('y [K, C]')],
    params: [],
  }),
  kernel({
    name: 'scatter_add',
    does: 'y[index[k]] += x[k], k in ascending order; rows whose index is outside 0 … R − 1 are skipped',
    args: [read('x [K, C]'), read('index [K]', 'i32'), update('y [R, C]')],
    params: [],
  }),
  kernel({
    name: 'cumulative_sum',
    does: 'running sum along the middle axis, from the end when reverse',
    args: [read('x [L, R, C]'), write('y [L, R, C]')],
    params: [i32('reverse', 0)],
  }),
  kernel({ name: 'fill', does: 'y = value', args: [write('y [N]')], params: [f32('value')] }),
  kernel({
    name: 'random',
    does: 'y[b, j] = offset + scale · draw keyed (key0, key1) at counter (trial[b], j): the numbers of src/random.ts',
    variants: ['normal', 'uniform'],
    args: [read('trial [B]', 'i32'), write('y [B, C]')],
    params: [i32('key0'), i32('key1'), f32('scale', 1), f32('offset', 0)],
  }),
  kernel({
    name: 'initial_state_forward',
    does: 'initial_state[b] = parameters[offset .. offset + S) (zeros when offset < 0) + noise_scale · noise[b], on the first noise_size entries',
    args: [read('parameters [P]'), read('noise? [B, N]'), write('initial_state [B, S]')],
    params: [i32('offset'), f32('noise_scale', 0)],
  }),
  kernel({
    name: 'initial_state_backward',
    does: 'gradient[offset + s] += Σ_b d_initial_state[b, s], b ascending',
    args: [read('d_initial_state [B, S]'), update('gradient [P]')],
    params: [i32('offset')],
  }),
  kernel({
    name: 'rollout_forward',
    does: 'runs a cell and its read-out through all T steps of B trials; S is the state size (2H for LSTM: h, c)',
    variants: cells,
    args: [
      read('inputs [B, T, I]'),
      read('parameters [P]'),
      read('initial_state [B, S]'),
      read('state_noise? [B, T, H]'),
      read('layer_sizes? [L]', 'i32'),
      write('outputs [B, T, O]'),
      write('states? [B, T, S]'),
      write('cache? [scratch]'),
      write('scratch [scratch]'),
    ],
    params: cellParams,
  }),
  kernel({
    name: 'rollout_backward',
    does: 'runs time in reverse and adds the gradient of every cell and read-out parameter to `gradient`; gives that of initial state and inputs',
    variants: cells,
    args: [
      read('inputs [B, T, I]'),
      read('parameters [P]'),
      read('initial_state [B, S]'),
      read('state_noise? [B, T, H]'),
      read('layer_sizes? [L]', 'i32'),
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
  kernel({
    name: 'effector_reset',
    does: 'muscle, geometry and Cartesian state of a body that starts in a joint state',
    args: [...body, read('joint [B, J]'), write('muscle [B, R, M]'), write('geometry [B, G, M]'), write('cartesian [B, J]'), write('scratch [scratch]')],
    params: [],
  }),
  kernel({
    name: 'effector_reset_backward',
    does: 'gradient of effector_reset with respect to the joint state',
    args: [
      ...body,
      read('joint [B, J]'),
      read('d_muscle? [B, R, M]'),
      read('d_geometry? [B, G, M]'),
      read('d_cartesian? [B, J]'),
      write('d_joint [B, J]'),
      write('scratch [scratch]'),
    ],
    params: [],
  }),
  kernel({
    name: 'effector_step',
    does: 'one time step of a body from any state: muscles, skeleton, geometry; also the rates at its start (acceleration; activation, for compliant muscles fibre velocity)',
    args: [
      ...body,
      read('action [B, M]'),
      read('joint [B, J]'),
      read('muscle [B, R, M]'),
      read('geometry [B, G, M]'),
      read('endpoint_load? [B, D]'),
      read('joint_load? [B, D]'),
      write('next_joint [B, J]'),
      write('next_muscle [B, R, M]'),
      write('next_geometry [B, G, M]'),
      write('next_cartesian [B, J]'),
      write('acceleration? [B, D]'),
      write('muscle_rate? [B, C, M]'),
      write('scratch [scratch]'),
    ],
    params: [],
  }),
  kernel({
    name: 'effector_step_backward',
    does: 'gradient of effector_step with respect to everything that it reads but the body',
    args: [
      ...body,
      read('action [B, M]'),
      read('joint [B, J]'),
      read('muscle [B, R, M]'),
      read('geometry [B, G, M]'),
      read('endpoint_load? [B, D]'),
      read('joint_load? [B, D]'),
      read('d_next_joint? [B, J]'),
      read('d_next_muscle? [B, R, M]'),
      read('d_next_geometry? [B, G, M]'),
      read('d_next_cartesian? [B, J]'),
      read('d_acceleration? [B, D]'),
      write('d_action [B, M]'),
      write('d_joint [B, J]'),
      write('d_muscle [B, R, M]'),
      write('d_geometry [B, G, M]'),
      write('d_endpoint_load? [B, D]'),
      write('d_joint_load? [B, D]'),
      write('scratch [scratch]'),
    ],
    params: [],
  }),
  kernel({
    name: 'effector_points',
    does: 'positions, velocities and joint derivatives of the path points of a body: point[b, x or y, n], velocity likewise, derivative[b, x or y, joint, n]',
    args: [...body, read('joint [B, J]'), write('point [B, D, N]'), write('velocity [B, D, N]'), write('derivative [B, D, D, N]'), write('scratch [scratch]')],
    params: [],
  }),
  kernel({
    name: 'effector_points_backward',
    does: 'gradient of effector_points with respect to the joint state',
    args: [
      ...body,
      read('joint [B, J]'),
      read('d_point? [B, D, N]'),
      read('d_velocity? [B, D, N]'),
      read('d_derivative? [B, D, D, N]'),
      write('d_joint [B, J]'),
      write('scratch [scratch]'),
    ],
    params: [],
  }),
  kernel({
    name: 'effector_rollout_forward',
    does: 'a body under given actions and loads through T steps from a joint state; N = T + 1 states, the initial one first',
    args: [
      ...body,
      read('joint0 [B, J]'),
      read('actions [B, T, M]'),
      read('endpoint_load? [B, T, D]'),
      read('joint_load? [B, T, D]'),
      write('joint [B, N, J]'),
      write('muscle [B, N, R, M]'),
      write('cartesian? [B, N, J]'),
      write('geometry? [B, N, G, M]'),
      write('scratch [scratch]'),
    ],
    params: [],
  }),
  kernel({
    name: 'effector_rollout_backward',
    does: 'back-propagation through effector_rollout_forward to actions, loads and the initial joint state, on which initial muscle and geometry states depend',
    args: [
      ...body,
      read('actions [B, T, M]'),
      read('endpoint_load? [B, T, D]'),
      read('joint_load? [B, T, D]'),
      read('joint [B, N, J]'),
      read('muscle [B, N, R, M]'),
      read('d_joint? [B, N, J]'),
      read('d_muscle? [B, N, R, M]'),
      read('d_cartesian? [B, N, J]'),
      read('d_geometry? [B, N, G, M]'),
      write('d_actions [B, T, M]'),
      write('d_joint0 [B, J]'),
      write('d_endpoint_load? [B, T, D]'),
      write('d_joint_load? [B, T, D]'),
      write('scratch [scratch]'),
    ],
    params: [],
  }),
  kernel({
    name: 'closed_loop_forward',
    does: 'a cell moves a body through T steps of B trials: observation, cell, read-out, muscles, skeleton; U = T + 2 readings of each sense, F = 2M, V = 2 + 2M + M · action_frames',
    variants: cells,
    args: [
      ...closedLoopReads,
      write('outputs [B, T, M]'),
      write('fingertip [B, T, D]'),
      write('joint [B, N, J]'),
      write('muscle [B, N, R, M]'),
      write('states? [B, T, S]'),
      write('network_inputs? [B, T, I]'),
      write('cache? [scratch]'),
      write('scratch [scratch]'),
    ],
    params: [...cellParams, ...sensorParams],
  }),
  kernel({
    name: 'closed_loop_backward',
    does: 'runs time in reverse through network, senses, delays and body; adds the gradient of every parameter to `gradient`',
    variants: cells,
    args: [
      ...closedLoopReads,
      read('outputs [B, T, M]'),
      read('joint [B, N, J]'),
      read('muscle [B, N, R, M]'),
      read('cache [scratch]'),
      read('d_outputs [B, T, M]'),
      read('d_fingertip? [B, T, D]'),
      read('d_joint? [B, N, J]'),
      read('d_muscle? [B, N, R, M]'),
      read('d_states? [B, T, S]'),
      update('gradient [P]'),
      write('d_initial_state [B, S]'),
      write('d_inputs? [B, T, E]'),
      write('scratch [scratch]'),
    ],
    params: [...cellParams, ...sensorParams],
  }),
  kernel({
    name: 'absolute_error_loss',
    does: 'trial_loss[b] += scale Σ_{t < steps, o} w |prediction − target|, d_prediction += its gradient (0 where they are equal); target absent = 0, w absent = 1, W is O or 1',
    args: [read('prediction [B, T, O]'), read('target? [B, T, O]'), read('weight? [B, T, W]'), update('trial_loss [B]'), update('d_prediction? [B, T, O]')],
    params: [f32('scale'), i32('steps')],
  }),
  kernel({
    name: 'squared_error_loss',
    does: 'trial_loss[b] += scale Σ_{t < steps, o} w (prediction − target)², d_prediction += its gradient; target absent = 0, w absent = 1, W is O or 1',
    args: [read('prediction [B, T, O]'), read('target? [B, T, O]'), read('weight? [B, T, W]'), update('trial_loss [B]'), update('d_prediction? [B, T, O]')],
    params: [f32('scale'), i32('steps')],
  }),
  kernel({
    name: 'cross_entropy_loss',
    does: 'trial_loss[b] += −scale Σ_t w Σ_o target · log softmax(prediction), d_prediction += its gradient; target holds probabilities',
    args: [read('prediction [B, T, O]'), read('target [B, T, O]'), read('weight? [B, T, W]'), update('trial_loss [B]'), update('d_prediction? [B, T, O]')],
    params: [f32('scale')],
  }),
  kernel({
    name: 'norm_loss',
    does: 'trial_loss[b] += scale · ‖states[b, :, 0 .. size)‖₂, d_states += its gradient (0 where the norm is 0)',
    args: [read('states [B, T, S]'), update('trial_loss [B]'), update('d_states? [B, T, S]')],
    params: [f32('scale'), i32('size')],
  }),
  kernel({
    name: 'gradient_norm',
    does: 'norm[0] = ‖mask ∘ gradient‖₂ (mask absent = 1), in a fixed order',
    args: [read('gradient [P]'), read('mask? [P]'), write('norm [E]')],
    params: [],
  }),
  kernel({
    name: 'optimizer_step',
    does: 'one update of all parameters: clip by norm, L2 (sgd, adam) or decoupled decay (adamw), moments; mask 0 freezes',
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
    does: 'one step of a cell in f64 from B states under B inputs, next = F(states, inputs), and its derivatives: jacobian[b, i, j] = ∂next_i/∂state_j, input_jacobian[b, i, j] = ∂next_i/∂input_j',
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
    absent: { webgpu: noDouble },
  }),
  kernel({
    name: 'damped_step',
    does: 'δ of (JᵀJ + damping I) δ = −JᵀR for B maps, R = next − states, J = jacobian − I; speed = ½‖R‖²; NaN where the matrix is not positive definite',
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
    absent: { webgpu: noDouble },
  }),
  kernel({
    name: 'ceiling',
    does: 'y[n] = the end of `iterations` multiply-adds on 12 vectors that stay in registers: the speed limit that benchmarks compare with',
    args: [write('y [N]')],
    params: [i32('iterations')],
  }),
];
