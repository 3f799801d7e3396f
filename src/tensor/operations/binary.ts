// Functions of two tensors or numbers with broadcasting, comparisons, and the choice between two.
// Shapes are aligned at the last axis, lengths equal or 1; the result is f32. Throws ShapeError for shapes or dtypes that do not fit.
import { broadcastShapes, broadcastStrides, collapse, type Shape, type View, viewParams } from '../shape.js';
import { recordOperation, type ReverseStep } from '../tape.js';
import { flat, type Tensor, zeros } from '../tensor.js';
import { type Operand, withTensors } from './operand.js';
import { sumTo } from './reduction.js';
import { logarithm, negate } from './unary.js';

/** ∂value/∂a and ∂value/∂b before they are summed over broadcast axes; `needed` says which one is wanted. */
type Slopes = (a: Tensor, b: Tensor, y: Tensor, d: Tensor, needed: readonly boolean[]) => readonly (Tensor | null)[];

function broadcastView(where: string, shape: Shape, operands: readonly Tensor[]): View {
  return collapse(
    where,
    shape,
    operands.map((operand) => broadcastStrides(operand.shape, shape)),
  );
}

function binary(name: string, variant: string, slopes: Slopes): (a: Operand, b: Operand) => Tensor {
  return (a, b) =>
    withTensors(name, [a, b], (backend, inputs) => {
      const shape = broadcastShapes(name, inputs[0].shape, inputs[1].shape);
      const params = viewParams(broadcastView(name, shape, inputs), ['a_stride', 'b_stride']);
      const y = zeros(backend, shape);
      if (y.size > 0) backend.run('elementwise_binary', { variant, args: { a: flat(inputs[0]), b: flat(inputs[1]), y: flat(y) }, params });
      const reverse = (step: ReverseStep) => {
        const gradients = slopes(step.inputs[0], step.inputs[1], step.outputs[0], step.dOutputs[0] as Tensor, step.needed);
        return gradients.map((gradient, i) => (gradient && step.needed[i] ? sumTo(gradient, step.inputs[i].shape) : null));
      };
      recordOperation({ name, inputs, outputs: [y], reverse });
      return y;
    });
}

/** Comparisons have no gradient. */
const flatSlopes: Slopes = () => [null, null];

/** a + b. */
export const add = binary('add', 'add', (_a, _b, _y, d) => [d, d]);
/** a − b. */
export const subtract = binary('subtract', 'subtract', (_a, _b, _y, d, needed) => [d, needed[1] ? negate(d) : null]);
/** a · b, element by element. */
export const multiply = binary('multiply', 'multiply', (a, b, _y, d, needed) => [needed[0] ? multiply(d, b) : null, needed[1] ? multiply(d, a) : null]);
/** a / b. */
export const divide = binary('divide', 'divide', (_a, b, y, d, needed) => [
  needed[0] ? divide(d, b) : null,
  needed[1] ? negate(divide(multiply(d, y), b)) : null,
]);
/** aᵇ; NaN for a negative a and a fractional b. The gradient for a is 0 where b = 0, that for b is 0 where a = 0. */
export const power = binary('power', 'power', (a, b, y, d, needed) => [
  needed[0] ? multiply(d, where(equal(b, 0), 0, multiply(b, power(a, subtract(b, 1))))) : null,
  needed[1] ? multiply(d, where(equal(a, 0), 0, multiply(y, logarithm(a)))) : null,
]);
/** The larger of a and b, NaN if either is; equal elements share the gradient, half each. */
export const maximum = binary('maximum', 'maximum', (a, b, _y, d) => extremumSlopes(less(b, a), equal(a, b), d));
/** The smaller of a and b, NaN if either is; equal elements share the gradient, half each. */
export const minimum = binary('minimum', 'minimum', (a, b, _y, d) => extremumSlopes(less(a, b), equal(a, b), d));
/** 1 where a = b, else 0. */
export const equal = binary('equal', 'equal', flatSlopes);
/** 1 where a ≠ b, else 0. */
export const notEqual = binary('notEqual', 'not_equal', flatSlopes);
/** 1 where a < b, else 0. */
export const less = binary('less', 'less', flatSlopes);
/** 1 where a ≤ b, else 0. */
export const lessEqual = binary('lessEqual', 'less_equal', flatSlopes);

/** 1 where a > b, else 0. */
export function greater(a: Operand, b: Operand): Tensor {
  return less(b, a);
}

/** 1 where a ≥ b, else 0. */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return lessEqual(b, a);
}

/** x limited to [low, high]; numbers or tensors that broadcast. Where x equals a limit it gets half the gradient. */
export function clip(x: Operand, low: Operand, high: Operand): Tensor {
  const raised = maximum(x, low);
  const limited = minimum(raised, high);
  raised.dispose();
  return limited;
}

/** a where condition ≠ 0, else b; all three broadcast. No gradient reaches the condition. */
export function where(condition: Operand, a: Operand, b: Operand): Tensor {
  return withTensors('where', [condition, a, b], (backend, inputs) => {
    const shape = broadcastShapes('where', ...inputs.map((input) => input.shape));
    const params = viewParams(broadcastView('where', shape, inputs), ['c_stride', 'a_stride', 'b_stride']);
    const y = zeros(backend, shape);
    if (y.size > 0) backend.run('select', { args: { condition: flat(inputs[0]), a: flat(inputs[1]), b: flat(inputs[2]), y: flat(y) }, params });
    const reverse = ({ inputs: [chosen, first, second], dOutputs, needed }: ReverseStep) => {
      const d = dOutputs[0] as Tensor;
      return [null, needed[1] ? sumTo(where(chosen, d, 0), first.shape) : null, needed[2] ? sumTo(where(chosen, 0, d), second.shape) : null];
    };
    recordOperation({ name: 'where', inputs, outputs: [y], reverse });
    return y;
  });
}

/** d where a wins, d / 2 at a tie, nothing where b wins; and the reverse. */
function extremumSlopes(wins: Tensor, ties: Tensor, d: Tensor): Tensor[] {
  const share = add(wins, multiply(ties, 0.5));
  return [multiply(d, share), multiply(d, subtract(1, share))];
}
