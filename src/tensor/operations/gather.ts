// Rows by index, and their reverse.
import type { Backend } from '../../backends/backend.js';
import { BackendError, ShapeError } from '../../errors.js';
import { normaliseAxis, type Shape, sizeOf } from '../shape.js';
import { recordOperation, type ReverseStep } from '../tape.js';
import { flat, shaped, Tensor, tensor, zeros } from '../tensor.js';
import { reshape, transpose } from './layout.js';
import { checkOperands } from './operand.js';

/** Whole numbers that select elements of an axis: an i32 tensor of any shape, or an array. */
export type Indices = Tensor | readonly number[] | Int32Array;

/**
 * Elements of x along an axis (default 0): x [..., R, ...] and indices [K...] give [..., K..., ...]. An index outside 0 … R − 1 throws ShapeError when
 * given as an array; inside a tensor, which cannot be looked at without waiting, it gives NaN. Indices may repeat; no gradient reaches them.
 */
export function gather(x: Tensor, indices: Indices, axis = 0): Tensor {
  checkOperands('gather', [x]);
  const position = normaliseAxis('gather', axis, x.rank);
  const own = indices instanceof Tensor ? null : indexTensor(x.backend, indices, x.shape[position]);
  const index = own ?? (indices as Tensor);
  if (index.dtype !== 'i32')
    throw new ShapeError(`gather: expected indices of dtype i32, got ${index.dtype}; make them with tensor(backend, indices, shape, 'i32')`);
  if (index.backend !== x.backend) throw new BackendError('gather: expected indices on the backend of x, got another');
  const made: Tensor[] = own ? [own] : [];
  const step = (result: Tensor): Tensor => {
    made.push(result);
    return result;
  };
  const rest = x.shape.filter((_, k) => k !== position);
  const others = x.shape.map((_, k) => k).filter((k) => k !== position);
  const front = position === 0 ? x : step(transpose(x, [position, ...others]));
  const rows = step(takeRows(step(reshape(front, [x.shape[position], sizeOf(rest)])), index));
  const shape: Shape = [...rest.slice(0, position), ...index.shape, ...rest.slice(position)];
  if (position === 0) {
    const y = reshape(rows, shape);
    for (const tensor of made) tensor.dispose();
    return y;
  }
  const y = reshape(step(transpose(step(reshape(rows, [index.size, sizeOf(rest.slice(0, position)), sizeOf(rest.slice(position))])), [1, 0, 2])), shape);
  for (const tensor of made) tensor.dispose();
  return y;
}

function indexTensor(backend: Backend, indices: readonly number[] | Int32Array, length: number): Tensor {
  for (const index of indices) {
    if (!Number.isInteger(index) || index < 0 || index >= length) throw new ShapeError(`gather: expected indices between 0 and ${length - 1}, got ${index}`);
  }
  return tensor(backend, Int32Array.from(indices));
}

/** y[k] = x[index[k]] for x [R, C]. */
function takeRows(x: Tensor, index: Tensor): Tensor {
  const [R, C] = x.shape;
  const y = zeros(x.backend, [index.size, C]);
  if (y.size > 0) x.backend.run('gather', { args: { x: shaped(x, x.shape), index: flat(index), y: shaped(y, y.shape) } });
  const reverse = ({ saved, dOutputs }: ReverseStep) => [addRows(dOutputs[0] as Tensor, saved[0], R)];
  recordOperation({ name: 'gather', inputs: [x], outputs: [y], saved: [index], reverse });
  return y;
}

/** y[index[k]] += x[k] into zeros [R, C], for x [K, C]: the reverse of `takeRows`. */
function addRows(x: Tensor, index: Tensor, R: number): Tensor {
  const y = zeros(x.backend, [R, x.shape[1]]);
  if (x.size > 0) x.backend.run('scatter_add', { args: { x: shaped(x, x.shape), index: flat(index), y: shaped(y, y.shape) } });
  recordOperation({
    name: 'scatterAdd',
    inputs: [x],
    outputs: [y],
    saved: [index],
    reverse: ({ saved, dOutputs }) => [takeRows(dOutputs[0] as Tensor, saved[0])],
  });
  return y;
}
