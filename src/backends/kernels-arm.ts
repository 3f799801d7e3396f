// The arm's part of the list behind catalogue.ts: bodies on their own, and in a closed loop with a network.
import type { KernelSpec } from './catalogue.js';
import { cellParams, cells, i32, kernel, read, unitChanges, update, write } from './kernel-entry.js';

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
  ...unitChanges,
  // Force fields and changed muscles, chosen by trial and step; rows as fieldNumber of body-layout.ts says.
  read('field_row? [B, T]', 'i32'),
  read('fields? [X, Z]'),
  read('strength_row? [B, T]', 'i32'),
  read('strengths? [Y, M]'),
];

/** Why gpu.js lacks them: without memory that a launch keeps for all steps, a step of the loop would be a dozen launches. */
const noLoopInGpujs = 'gpu.js runs one launch for each part of a step and has no closed loop of network and body; use the wasm or webgpu backend';
const noPointsInGpujs = 'gpu.js has bodies with constant or polynomial muscle geometry only; use the wasm or webgpu backend';

export const armKernels: readonly KernelSpec[] = [
  kernel({
    name: 'effector_reset',
    // muscle, geometry and Cartesian state of a body that starts in a joint state
    args: [...body, read('joint [B, J]'), write('muscle [B, R, M]'), write('geometry [B, G, M]'), write('cartesian [B, J]'), write('scratch [scratch]')],
    params: [],
  }),
  kernel({
    name: 'effector_reset_backward',
    // gradient of effector_reset with respect to the joint state
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
    // one time step of a body from any state: muscles, skeleton, geometry; also the rates at its start (acceleration; activation, for compliant muscles fibre velocity)
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
    // gradient of effector_step with respect to everything that it reads but the body
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
    // positions, velocities and joint derivatives of the path points of a body: point[b, x or y, n], velocity likewise, derivative[b, x or y, joint, n]
    args: [...body, read('joint [B, J]'), write('point [B, D, N]'), write('velocity [B, D, N]'), write('derivative [B, D, D, N]'), write('scratch [scratch]')],
    params: [],
    absent: { gpujs: noPointsInGpujs },
  }),
  kernel({
    name: 'effector_points_backward',
    // gradient of effector_points with respect to the joint state
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
    absent: { gpujs: noPointsInGpujs },
  }),
  kernel({
    name: 'effector_rollout_forward',
    // a body under given actions and loads through T steps from a joint state; N = T + 1 states, the initial one first
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
    // back-propagation through effector_rollout_forward to actions, loads and the initial joint state, on which initial muscle and geometry states depend
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
    // a cell moves a body through T steps of B trials: observation, cell, read-out, muscles, skeleton; U = T + 2 readings of each sense, F = 2M, V = 2 + 2M + M · action_frames; where field_row > 0 the end point meets f + A (p − c) + B v of state k through step k, where strength_row > 0 the muscles make that share of their forces
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
    absent: { gpujs: noLoopInGpujs },
  }),
  kernel({
    name: 'closed_loop_backward',
    // runs time in reverse through network, senses, delays and body; adds the gradient of every parameter to `gradient`
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
    absent: { gpujs: noLoopInGpujs },
  }),
];
