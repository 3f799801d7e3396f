// The tensor layer: tensors on any backend, about fifty operations, and gradients through all of them. See docs/tensors.md.
export type { Operand } from './operations/operand.js';
export {
  add,
  clip,
  divide,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  multiply,
  notEqual,
  power,
  subtract,
  where,
} from './operations/binary.js';
export { gather, type Indices } from './operations/gather.js';
export { broadcastTo, concat, pad, type Range, reshape, slice, stack, transpose } from './operations/layout.js';
export { matmul, type MatmulOptions } from './operations/matmul.js';
export { randomNormal, type RandomOptions, randomUniform } from './operations/random.js';
export { type CumulativeOptions, cumulativeSum, max, mean, min, type ReductionOptions, sum } from './operations/reduction.js';
export {
  absolute,
  cosine,
  exponential,
  floor,
  logarithm,
  negate,
  reciprocal,
  relu,
  sigmoid,
  sign,
  sine,
  softplus,
  square,
  squareRoot,
  tanh,
} from './operations/unary.js';
export { valueAndGradients } from './gradients.js';
export { keep, tidy } from './scope.js';
export type { Shape } from './shape.js';
export { isRecording, type Operation, recordOperation, type ReverseStep } from './tape.js';
export { full, type NestedNumbers, ones, Tensor, tensor, type TensorSource, zeros } from './tensor.js';
