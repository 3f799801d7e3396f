// Functions of one tensor, element by element. Each takes x of any shape and returns a tensor of the same shape; f32 only (ShapeError otherwise).
import { recordOperation, type ReverseStep } from '../tape.js';
import { flat, type Tensor, zeros } from '../tensor.js';
import { less, multiply, subtract } from './binary.js';
import { checkOperands } from './operand.js';

/** ∂value/∂x from x, y = f(x) and ∂value/∂y; null where the derivative is zero everywhere. */
type Slope = (x: Tensor, y: Tensor, dY: Tensor) => Tensor | null;

function unary(name: string, variant: string, slope: Slope): (x: Tensor) => Tensor {
  return (x) => {
    const backend = checkOperands(name, [x]);
    const y = zeros(backend, x.shape);
    if (y.size > 0) backend.run('elementwise_unary', { variant, args: { x: flat(x), y: flat(y) } });
    const reverse = ({ inputs, outputs, dOutputs }: ReverseStep) => [slope(inputs[0], outputs[0], dOutputs[0] as Tensor)];
    recordOperation({ name, inputs: [x], outputs: [y], reverse });
    return y;
  };
}

/** −x. */
export const negate = unary('negate', 'negate', (_x, _y, d) => negate(d));
/** |x|; its gradient at 0 is 0. */
export const absolute = unary('absolute', 'absolute', (x, _y, d) => multiply(d, sign(x)));
/** −1, 0 or 1; NaN stays NaN. Its gradient is 0. */
export const sign = unary('sign', 'sign', () => null);
/** x². */
export const square = unary('square', 'square', (x, _y, d) => multiply(d, multiply(x, 2)));
/** √x. */
export const squareRoot = unary('squareRoot', 'square_root', (_x, y, d) => multiply(d, multiply(reciprocal(y), 0.5)));
/** 1 / x. */
export const reciprocal = unary('reciprocal', 'reciprocal', (_x, y, d) => negate(multiply(d, square(y))));
/** eˣ. */
export const exponential = unary('exponential', 'exponential', (_x, y, d) => multiply(d, y));
/** Natural logarithm; −∞ at 0, NaN below. */
export const logarithm = unary('logarithm', 'logarithm', (x, _y, d) => multiply(d, reciprocal(x)));
/** Hyperbolic tangent. */
export const tanh = unary('tanh', 'tanh', (_x, y, d) => multiply(d, subtract(1, square(y))));
/** Logistic function 1 / (1 + e^−x). */
export const sigmoid = unary('sigmoid', 'sigmoid', (_x, y, d) => multiply(d, multiply(y, subtract(1, y))));
/** ln(1 + eˣ), without overflow. */
export const softplus = unary('softplus', 'softplus', (x, _y, d) => multiply(d, sigmoid(x)));
/** max(x, 0); its gradient at 0 is 0. */
export const relu = unary('relu', 'relu', (x, _y, d) => multiply(d, less(0, x)));
/** sin x, x in radians. */
export const sine = unary('sine', 'sine', (x, _y, d) => multiply(d, cosine(x)));
/** cos x, x in radians. */
export const cosine = unary('cosine', 'cosine', (x, _y, d) => negate(multiply(d, sine(x))));
/** Largest whole number not above x. Its gradient is 0. */
export const floor = unary('floor', 'floor', () => null);
