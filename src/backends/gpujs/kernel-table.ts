// The kernels of the gpujs backend by name; what the catalogue has beyond them it gives a reason for (`absent`).
import { absolute_error_loss } from './absolute_error_loss.js';
import { ceiling } from './ceiling.js';
import { copy_strided } from './copy_strided.js';
import { cross_entropy_loss } from './cross_entropy_loss.js';
import { cumulative_sum } from './cumulative_sum.js';
import { effector_reset } from './effector_reset.js';
import { effector_reset_backward } from './effector_reset_backward.js';
import { effector_rollout_backward } from './effector_rollout_backward.js';
import { effector_rollout_forward } from './effector_rollout_forward.js';
import { effector_step } from './effector_step.js';
import { effector_step_backward } from './effector_step_backward.js';
import { elementwise_binary } from './elementwise_binary.js';
import { elementwise_unary } from './elementwise_unary.js';
import { fill } from './fill.js';
import { gather } from './gather.js';
import { gradient_norm } from './gradient_norm.js';
import { initial_state_backward } from './initial_state_backward.js';
import { initial_state_forward } from './initial_state_forward.js';
import type { GpujsKernelBody } from './kernel.js';
import { matmul } from './matmul.js';
import { norm_loss } from './norm_loss.js';
import { optimizer_step } from './optimizer_step.js';
import { random } from './random.js';
import { reduce } from './reduce.js';
import { rollout_backward } from './rollout_backward.js';
import { rollout_forward } from './rollout_forward.js';
import { scatter_add } from './scatter_add.js';
import { select } from './select.js';
import { squared_error_loss } from './squared_error_loss.js';

export const kernelTable: Readonly<Record<string, GpujsKernelBody>> = {
  elementwise_unary,
  elementwise_binary,
  select,
  matmul,
  reduce,
  copy_strided,
  gather,
  scatter_add,
  cumulative_sum,
  fill,
  random,
  initial_state_forward,
  initial_state_backward,
  rollout_forward,
  rollout_backward,
  effector_reset,
  effector_reset_backward,
  effector_step,
  effector_step_backward,
  effector_rollout_forward,
  effector_rollout_backward,
  absolute_error_loss,
  squared_error_loss,
  cross_entropy_loss,
  norm_loss,
  gradient_norm,
  optimizer_step,
  ceiling,
};
