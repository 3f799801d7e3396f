// Every kernel of the WASM backend: the exports of these files, named as in the catalogue, are the exports of the binaries.
export * from './rollout_forward';
export * from './rollout_backward';
export * from './closed_loop_forward';
export * from './closed_loop_backward';
export * from './fill';
export * from './elementwise_unary';
export * from './elementwise_binary';
export * from './select';
export * from './matmul';
export * from './reduce';
export * from './copy_strided';
export * from './gather';
export * from './scatter_add';
export * from './cumulative_sum';
export * from './random';
export * from './initial_state_forward';
export * from './initial_state_backward';
export * from './effector_reset';
export * from './effector_reset_backward';
export * from './effector_step';
export * from './effector_step_backward';
export * from './effector_points';
export * from './effector_points_backward';
export * from './effector_rollout_forward';
export * from './effector_rollout_backward';
export * from './absolute_error_loss';
export * from './squared_error_loss';
export * from './cross_entropy_loss';
export * from './norm_loss';
export * from './gradient_norm';
export * from './optimizer_step';
export * from './cell_jacobian';
export * from './damped_step';
export * from './ceiling';

/** First byte that the host may use: static tables lie below. */
export function heap_base(): usize {
  return __heap_base;
}
