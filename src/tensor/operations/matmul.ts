// Matrix products over the last two axes, with transposes and batches.
import { ShapeError } from '../../errors.js';
import { broadcastShapes, type Shape, show, sizeOf } from '../shape.js';
import { recordOperation, type ReverseStep } from '../tape.js';
import { shaped, type Tensor, zeros } from '../tensor.js';
import { broadcastTo, reshape } from './layout.js';
import { checkOperands } from './operand.js';

export interface MatmulOptions {
  /** Uses aᵀ (its last two axes exchanged). Default false. */
  readonly transposeA?: boolean;
  /** Uses bᵀ. Default false. */
  readonly transposeB?: boolean;
}

/**
 * a · b for a [..., M, K] and b [..., K, N] (or [..., K, M], [..., N, K] where transposed), giving [..., M, N]; leading axes broadcast.
 * Throws ShapeError for fewer than two axes or inner sizes that differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  checkOperands('matmul', [a, b]);
  if (a.rank < 2 || b.rank < 2)
    throw new ShapeError(`matmul: expected at least two axes each, got ${show(a.shape)} and ${show(b.shape)}; reshape vectors to [1, K] or [K, 1]`);
  const [M, K] = matrixShape(a.shape, transposeA);
  const [inner, N] = matrixShape(b.shape, transposeB);
  if (K !== inner)
    throw new ShapeError(`matmul: expected equal inner sizes, got ${show(a.shape)}${transposeA ? 'ᵀ' : ''} · ${show(b.shape)}${transposeB ? 'ᵀ' : ''}`);
  const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const made: Tensor[] = [];
  const step = (tensor: Tensor): Tensor => {
    made.push(tensor);
    return tensor;
  };
  // One matrix b for all of a: rows of a are independent, so its batch joins M and b is not repeated.
  const joins = sizeOf(b.shape.slice(0, -2)) === 1 && !transposeA;
  const G = joins ? 1 : sizeOf(batch);
  const matrices = (x: Tensor) => step(reshape(step(broadcastTo(x, [...batch, ...x.shape.slice(-2)])), [G, ...x.shape.slice(-2)]));
  const left = joins ? step(reshape(a, [1, sizeOf(a.shape.slice(0, -1)), K])) : matrices(a);
  const right = joins ? step(reshape(b, [1, ...b.shape.slice(-2)])) : matrices(b);
  const y = reshape(step(product(left, right, transposeA, transposeB)), [...batch, M, N]);
  for (const tensor of made) tensor.dispose();
  return y;
}

function matrixShape(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** op(a[g]) · op(b[g]) for a [G, ·, ·] and b [G, ·, ·]. With Y = A B: ∂A = ∂Y Bᵀ, ∂B = Aᵀ ∂Y, each transposed where its operand is. */
function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const [M] = matrixShape(a.shape, transposeA);
  const [, N] = matrixShape(b.shape, transposeB);
  const y = zeros(a.backend, [a.shape[0], M, N]);
  const params = { transpose_a: transposeA ? 1 : 0, transpose_b: transposeB ? 1 : 0 };
  if (y.size > 0) a.backend.run('matmul', { args: { a: shaped(a, a.shape), b: shaped(b, b.shape), y: shaped(y, y.shape) }, params });
  const reverse = ({ inputs: [left, right], dOutputs, needed }: ReverseStep) => {
    const d = dOutputs[0] as Tensor;
    const dLeft = () => (transposeA ? product(right, d, transposeB, true) : product(d, right, false, !transposeB));
    const dRight = () => (transposeB ? product(d, left, true, transposeA) : product(left, d, !transposeA, false));
    return [needed[0] ? dLeft() : null, needed[1] ? dRight() : null];
  };
  recordOperation({ name: 'matmul', inputs: [a, b], outputs: [y], reverse });
  return y;
}
