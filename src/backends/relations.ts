// What dimension letters alone cannot say about a call: product shapes, state sizes, views inside their arrays, buffers long enough.
// `resolveCall` applies these checks, so that every backend refuses the same calls with the same words and no kernel reads past an array.
import { KernelError, ShapeError } from '../errors.js';
import { bodyNumber, bodyWord, fieldLength, geometryRowCount, jointCount, jointStateSize, muscleCode, muscleRowCount, muscleStride } from './body-layout.js';
import type { KernelArgument } from './backend.js';
import type { ResolvedCall } from './catalogue.js';

type Check = (call: ResolvedCall) => void;

const checks: Readonly<Record<string, Check>> = {
  elementwise_binary: (call) =>
    checkViews(call, [
      ['a', 'a_stride'],
      ['b', 'b_stride'],
    ]),
  select: (call) =>
    checkViews(call, [
      ['condition', 'c_stride'],
      ['a', 'a_stride'],
      ['b', 'b_stride'],
    ]),
  copy_strided: (call) => {
    checkView(call, 'x', 'x_stride', call.params.x_offset);
    checkView(call, 'y', 'y_stride', call.params.y_offset);
  },
  matmul: checkMatmul,
  initial_state_forward: checkInitialState,
  initial_state_backward: checkInitialState,
  rollout_forward: (call) => checkRollout(call, call.dims.I, call.dims.O),
  rollout_backward: (call) => checkRollout(call, call.dims.I, call.dims.O),
  cell_jacobian: (call) => checkRollout(call, call.dims.I, 0),
  effector_reset: checkEffector,
  effector_reset_backward: checkEffector,
  effector_step: checkEffector,
  effector_step_backward: checkEffector,
  effector_points: checkEffector,
  effector_points_backward: checkEffector,
  effector_rollout_forward: checkEffectorRollout,
  effector_rollout_backward: checkEffectorRollout,
  closed_loop_forward: checkClosedLoop,
  closed_loop_backward: checkClosedLoop,
  absolute_error_loss: checkErrorLoss,
  squared_error_loss: checkErrorLoss,
  cross_entropy_loss: ({ dims: { W }, args }) => {
    if (args[2] && W !== 1) throw new ShapeError(`cross_entropy_loss: expected weight with 1 channel, got ${W}`);
  },
  norm_loss: ({ dims: { S }, params: { size } }) => {
    if (!(size >= 0 && size <= S)) throw new ShapeError(`norm_loss: expected size between 0 and S=${S}, got ${size}`);
  },
  gradient_norm: checkNorm,
  optimizer_step: checkOptimizer,
};

/**
 * Throws ShapeError or KernelError when a call whose letters are bound is still impossible. `sizing`: the call only asks for scratch sizes,
 * before there is memory, so buffers may be shorter than their shapes.
 */
export function checkRelations(call: ResolvedCall, sizing = false): void {
  call.spec.args.forEach(({ name, shape }, i) => {
    const given = call.args[i];
    if (given && shape[0] !== 'scratch' && !sizing) checkLength(call, name, given);
  });
  checks[call.spec.name]?.(call);
}

function checkLength(call: ResolvedCall, name: string, { shape, buffer }: KernelArgument): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (buffer.length < size)
    throw new ShapeError(`${call.spec.name}: expected a buffer of at least ${size} elements for ${name} [${shape.join(', ')}], got ${buffer.length}`);
}

/** Elementwise outputs are contiguous over n0 … n3; their operands are strided views. */
function checkViews(call: ResolvedCall, operands: readonly (readonly [string, string])[]): void {
  const { n0, n1, n2, n3 } = call.params;
  if (n0 * n1 * n2 * n3 !== call.dims.N)
    throw new ShapeError(`${call.spec.name}: expected y with n0·n1·n2·n3 = ${n0 * n1 * n2 * n3} elements, got ${call.dims.N}`);
  for (const [name, prefix] of operands) checkView(call, name, prefix, 0);
}

function checkView(call: ResolvedCall, name: string, prefix: string, offset: number): void {
  const sizes = [0, 1, 2, 3].map((axis) => call.params[`n${axis}`]);
  if (sizes.some((n) => !(n >= 0))) throw new ShapeError(`${call.spec.name}: expected sizes of at least 0, got ${sizes.join(' × ')}`);
  if (sizes.includes(0)) return;
  let lowest = offset;
  let highest = offset;
  sizes.forEach((n, axis) => {
    const reach = (n - 1) * call.params[`${prefix}${axis}`];
    lowest += Math.min(0, reach);
    highest += Math.max(0, reach);
  });
  const argument = call.args[call.spec.args.findIndex((a) => a.name === name)] as KernelArgument;
  const length = argument.shape[0];
  if (!(lowest >= 0 && highest < length)) {
    throw new ShapeError(
      `${call.spec.name}: expected a view inside ${name} [${length}], got elements ${lowest} to ${highest}; check sizes, strides and offset`,
    );
  }
}

function checkMatmul({ dims: { A0, A1, B0, B1, M, N }, params: { transpose_a, transpose_b } }: ResolvedCall): void {
  const [rows, inner] = transpose_a ? [A1, A0] : [A0, A1];
  const [innerB, columns] = transpose_b ? [B1, B0] : [B0, B1];
  if (inner !== innerB) throw new ShapeError(`matmul: expected equal inner sizes, got [${rows}, ${inner}] · [${innerB}, ${columns}] after transposing`);
  if (M !== rows || N !== columns) throw new ShapeError(`matmul: expected y of shape [G, ${rows}, ${columns}], got [G, ${M}, ${N}]`);
}

function checkInitialState({ spec, dims: { P, S, N }, params: { offset } }: ResolvedCall): void {
  if (offset < 0 ? spec.name === 'initial_state_backward' : offset + S > P) {
    throw new ShapeError(`${spec.name}: expected the initial state [${S}] at offset ${offset} inside ${P} parameters, got one that ends at ${offset + S}`);
  }
  if (N > S) throw new ShapeError(`${spec.name}: expected noise on at most S=${S} entries, got ${N}`);
}

function checkErrorLoss({ spec, dims: { O, W }, args }: ResolvedCall): void {
  if (args[2] && W !== O && W !== 1) throw new ShapeError(`${spec.name}: expected weight with 1 or O=${O} channels, got ${W}`);
}

/** Sizes of a cell with I inputs and O outputs. */
function checkRollout({ spec, variant, dims: { T, P, S, H, L, N }, params: { hidden_size }, args }: ResolvedCall, I: number, O: number): void {
  const where = `${spec.name} ${variant}`;
  if (!Number.isInteger(hidden_size) || hidden_size < 1) throw new ShapeError(`${where}: expected a positive hidden_size, got ${hidden_size}`);
  const stateSize = variant === 'lstm' ? 2 * hidden_size : hidden_size;
  if (S !== stateSize) throw new ShapeError(`${where}: expected a state of ${stateSize} for hidden_size ${hidden_size}, got ${S}`);
  const count = parameterCount(variant, I, hidden_size, O);
  if (P < count) throw new ShapeError(`${where}: expected at least ${count} parameters for I=${I}, hidden_size ${hidden_size} and O=${O}, got ${P}`);
  const index = (name: string) => spec.args.findIndex((a) => a.name === name);
  if (args[index('state_noise')] && H !== hidden_size) throw new ShapeError(`${where}: expected state_noise [B, T, ${hidden_size}], got [B, T, ${H}]`);
  checkTogether(where, ['unit_row', 'unit_gain', 'unit_shift'], (name) => args[index(name)] != null);
  if (args[index('unit_gain')] && H !== hidden_size) throw new ShapeError(`${where}: expected unit_gain [W, ${hidden_size}], got [W, ${H}]`);
  if (args[index('unit_row')] && N !== T + 1)
    throw new ShapeError(`${where}: expected unit_row with N=${T + 1} (T + 1 states, the initial one first), got ${N}`);
  if (variant === 'node' && (!args[index('layer_sizes')] || L < 1))
    throw new KernelError(`${where}: expected layer_sizes with the width of at least one hidden layer, got none`);
}

/** A choice of rows and the tables that they are chosen from come together. */
function checkTogether(where: string, names: readonly string[], given: (name: string) => boolean): void {
  const missing = names.filter((name) => !given(name));
  if (missing.length > 0 && missing.length < names.length)
    throw new KernelError(`${where}: expected all of ${names.join(', ')} or none, got none for ${missing.join(', ')}`);
}

/** Parameters of a cell and its read-out. NODE's depend on what layer_sizes holds, which backends check when they read it. */
function parameterCount(variant: string, I: number, H: number, O: number): number {
  const gates = gateCounts[variant];
  const cell = gates ? gates * H * (I + H + 2) : variant === 'driscoll' ? H * (H + I + 1) : 0;
  return cell + O * (H + 1);
}
const gateCounts: Readonly<Record<string, number>> = { gru: 3, lstm: 4, rnn: 1 };

/** Entries of an observation: vision, proprioception of M muscles, `frames` earlier actions. */
export function observationCount(M: number, frames: number): number {
  return jointCount + 2 * M + M * frames;
}

/** Sizes that bodies may have, by letter; what the tables of one body say is checked where they can be read (body-check.ts). */
const bodySizes: Readonly<Record<string, readonly number[]>> = {
  J: [jointStateSize],
  D: [jointCount],
  G: [geometryRowCount],
  R: [...new Set(Object.values(muscleCode).map(muscleRowCount))],
  C: [1, 2],
  Z: [fieldLength],
};

function checkEffector({ spec, dims, args }: ResolvedCall): void {
  spec.args.forEach(({ name, shape }, i) => {
    shape.forEach((letter, axis) => {
      const sizes = bodySizes[letter];
      const size = args[i]?.shape[axis];
      if (sizes && size !== undefined && !sizes.includes(size))
        throw new ShapeError(`${spec.name}: expected ${name} with ${letter}=${sizes.join(' or ')}, got ${letter}=${size}`);
      if (letter === 'M' && size === 0) throw new ShapeError(`${spec.name}: expected ${name} with at least M=1 muscle, got M=0`);
    });
  });
  if (dims.K < bodyWord.paths) throw new ShapeError(`${spec.name}: expected body_layout of at least ${bodyWord.paths} words, got ${dims.K}; use createBody's`);
  const numbers = bodyNumber.muscles + Math.max(1, dims.M ?? 1) * muscleStride;
  if (dims.Q < numbers) throw new ShapeError(`${spec.name}: expected body of at least ${numbers} numbers, got ${dims.Q}; use createBody's`);
}

function checkEffectorRollout(call: ResolvedCall): void {
  checkEffector(call);
  const { spec, dims } = call;
  if (dims.N !== dims.T + 1) throw new ShapeError(`${spec.name}: expected states at N = T + 1 = ${dims.T + 1} times, the initial one first, got ${dims.N}`);
}

function checkClosedLoop(call: ResolvedCall): void {
  const { spec, variant, dims, params, args } = call;
  const { T, M, E } = dims;
  const where = `${spec.name} ${variant}`;
  for (const name of ['vision_delay', 'proprioception_delay', 'action_frames', 'leading_inputs']) {
    const least = name.endsWith('delay') ? 1 : 0;
    if (!Number.isInteger(params[name]) || params[name] < least) throw new ShapeError(`${where}: expected ${name} of at least ${least}, got ${params[name]}`);
  }
  if (params.leading_inputs > E) throw new ShapeError(`${where}: expected at most E=${E} leading_inputs, got ${params.leading_inputs}`);
  const V = observationCount(M, params.action_frames);
  const expected: readonly (readonly [string, string, number, string])[] = [
    ['joint', 'N', T + 1, 'T + 1 states, the initial one first'],
    ['muscle', 'N', T + 1, 'T + 1 states, the initial one first'],
    ['vision_noise', 'U', T + 2, 'T + 2 readings, two of the initial state first'],
    ['proprioception_noise', 'U', T + 2, 'T + 2 readings, two of the initial state first'],
    ['proprioception_noise', 'F', 2 * M, 'length and velocity of every muscle'],
    ['observation_noise', 'V', V, 'vision, proprioception and earlier actions'],
    ['network_inputs', 'I', E + V, 'external inputs and observation'],
  ];
  for (const [name, letter, size, why] of expected) {
    const given = args[spec.args.findIndex((a) => a.name === name)];
    if (given && dims[letter] !== size) throw new ShapeError(`${where}: expected ${name} with ${letter}=${size} (${why}), got ${dims[letter]}`);
  }
  const given = (name: string) => args[spec.args.findIndex((a) => a.name === name)] != null;
  checkTogether(where, ['field_row', 'fields'], given);
  checkTogether(where, ['strength_row', 'strengths'], given);
  checkEffector(call);
  checkRollout(call, E + V, M);
}

function checkNorm({ spec, dims: { E } }: ResolvedCall): void {
  if (E < 1) throw new ShapeError(`${spec.name}: expected norm with one element, got ${E}`);
}

function checkOptimizer(call: ResolvedCall): void {
  const { variant, params, args } = call;
  const [, norm, , , moment1, moment2] = args;
  if (params.clip > 0 && !norm)
    throw new KernelError(`optimizer_step: expected the gradient's norm because clip is ${params.clip}, got none; run gradient_norm first`);
  if (norm) checkNorm(call);
  if (variant === 'sgd' ? params.momentum !== 0 && !moment1 : !moment1 || !moment2) {
    throw new KernelError(`optimizer_step ${variant}: expected ${variant === 'sgd' ? 'moment1 because momentum is not 0' : 'moment1 and moment2'}, got none`);
  }
}
