// Functions that gpu.js kernels call, in the JavaScript that gpu.js translates. Fits and their errors: shaders/lib/math.wgsl.
// gpu.js leaves exp, log and the like to WebGL, which promises little; tanh, σ, softplus, sine and cosine are our own polynomials.

interface GpujsFunction {
  readonly source: string;
  readonly arguments: readonly string[];
}

const real = (name: string, args: readonly string[], body: string): GpujsFunction => ({
  source: `function ${name}(${args.join(', ')}) {${body}}`,
  arguments: args,
});

/** sin(x + `shift` · π/2): quarter turns are taken off by π/2 in three parts (Cody & Waite 1980), good to 1.5e-7 while |x| < 8192. */
const sineShifted = (shift: string) => `
    const n = Math.floor(x * 0.636619772 + 0.5);
    const r = ((x - n * 1.5703125) - n * 4.837512969970703125e-4) - n * 7.5497899548918821e-8;
    const turn = n + ${shift} - 4.0 * Math.floor((n + ${shift}) * 0.25);
    const u = r * r;
    let value = (r * u) * ((-0.000194955683 * u + 0.00833197813) * u - 0.166666507) + r;
    if ((turn > 0.5 && turn < 1.5) || turn > 2.5) { value = (u * u) * ((2.44383804e-5 * u - 0.00138873669) * u + 0.0416666469) + (1.0 - 0.5 * u); }
    if (turn > 1.5) { value = -value; }
    return value;
  `;

/** None calls another: gpu.js may put the one that is called behind its caller. NaN passes through clamps: comparisons with it are false. */
export const functions: readonly GpujsFunction[] = [
  real(
    'hyperbolicTangent',
    ['x'],
    `
    if (x > 7.85) { return 1.0; }
    if (x < -7.85) { return -1.0; }
    const u = x * x;
    const numerator = x * ((((1.83963245e-8 * u + 2.63122529e-5) * u + 0.0042824056) * u + 0.161064669) * u + 1.19772327);
    const denominator = (((1.02634647e-6 * u + 0.000409383705) * u + 0.0313546695) * u + 0.560305655) * u + 1.19772327;
    return numerator / denominator;
  `,
  ),
  real(
    'sigmoid',
    ['x'],
    `
    if (x > 15.7) { return 1.0; }
    if (x < -15.7) { return 0.0; }
    const u = x * x;
    const numerator = x * ((((1.79651606e-11 * u + 1.02782238e-7) * u + 6.69125875e-5) * u + 0.0100665418) * u + 0.299430817);
    const denominator = (((4.00916589e-9 * u + 6.39662039e-6) * u + 0.00195966684) * u + 0.140076414) * u + 1.19772327;
    return numerator / denominator + 0.5;
  `,
  ),
  real(
    'softplus',
    ['x'],
    `
    let positive = x;
    let size = x;
    if (x < 0.0) { positive = 0.0; size = -x; }
    const u = Math.exp(-size);
    const high = (((-0.00270128798 * u + 0.0172833905) * u - 0.051851) * u + 0.100492134) * u - 0.149493247;
    return positive + u * (((((high * u + 0.195384631) * u - 0.249233426) * u + 0.333263203) * u - 0.499997192) * u + 0.999999975);
  `,
  ),
  real(
    'power',
    ['a', 'b'],
    `
    if (b == 0.0) { return 1.0; }
    if (a >= 0.0) { return Math.pow(a, b); }
    const size = Math.pow(-a, b);
    const half = b * 0.5;
    if (Math.floor(half) == half) { return size; }
    if (Math.floor(b) == b) { return -size; }
    return Math.sqrt(a);
  `,
  ),
  // Hump of quadratic splines from `low` over `middle` to `top` (MuJoCo's active force-length curve), and its slope; 0 at and beyond both ends.
  real(
    'humpOf',
    ['n', 'low', 'middle', 'top'],
    `
    if (n <= low || n >= top) { return 0.0; }
    const left = 0.5 * (low + middle);
    const right = 0.5 * (middle + top);
    if (n < left) { const x = (n - low) / (left - low); return 0.5 * x * x; }
    if (n < middle) { const x = (middle - n) / (middle - left); return 1.0 - 0.5 * x * x; }
    if (n < right) { const x = (n - middle) / (right - middle); return 1.0 - 0.5 * x * x; }
    const x = (top - n) / (top - right);
    return 0.5 * x * x;
  `,
  ),
  real(
    'humpSlope',
    ['n', 'low', 'middle', 'top'],
    `
    if (n <= low || n >= top) { return 0.0; }
    const left = 0.5 * (low + middle);
    const right = 0.5 * (middle + top);
    if (n < left) { return (n - low) / (left - low) / (left - low); }
    if (n < middle) { return (middle - n) / (middle - left) / (middle - left); }
    if (n < right) { return -(n - middle) / (right - middle) / (right - middle); }
    return -(top - n) / (top - right) / (top - right);
  `,
  ),
  real(
    'limitSlope',
    ['x', 'low', 'high'],
    `
    if (x < low || x > high) { return 0.0; }
    if (x == low || x == high) { return low == high ? 0.25 : 0.5; }
    return 1.0;
  `,
  ),
  real('sine', ['x'], sineShifted('0.0')),
  real('cosine', ['x'], sineShifted('1.0')),
];

/** a / b without its remainder, for whole a ≥ 0 and b > 0 below 2²⁴: in GLSL by its division of integers, which is exact. */
export const quotientNative = 'int quotient(int a, int b) { return a / b; }';
export const quotientSource = 'function quotient(a, b) { return Math.floor(a / b); }';
