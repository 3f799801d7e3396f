// The self-check: one small GRU rollout, forward and backward, on a backend and on the reference; a backend that fails is not to be trusted.
import { fillNormal, randomKey } from '../random.js';
import type { Backend, BufferHandle, KernelArgument } from './backend.js';
import { kernelSpec } from './catalogue.js';
import { createReferenceBackend } from './reference/index.js';

const sizes = { B: 11, T: 7, I: 3, H: 10, O: 2 } as const;
/** Parameters of a GRU with its read-out. */
const parameterCount = 3 * sizes.H * (sizes.I + sizes.H + 2) + sizes.O * (sizes.H + 1);
/** Largest difference over largest value: 7 steps in f32 with activations of 3e-7 stay far below. */
const bound = 2e-5;

/** What both backends compute from the same numbers. */
const compared = ['outputs', 'gradient', 'd_initial_state', 'd_inputs'] as const;

/** Compares outputs and all gradients of the rollout; `detail` gives the worst deviation, or what went wrong. Throws nothing. */
export async function selfCheck(backend: Backend): Promise<{ ok: boolean; detail: string }> {
  const oracle = createReferenceBackend();
  try {
    const expected = await rollOut(oracle);
    const actual = await rollOut(backend);
    let worst = 0;
    let worstName = '';
    compared.forEach((name, i) => {
      const deviation = relativeDeviation(actual[i] as ArrayLike<number>, expected[i] as ArrayLike<number>);
      if (!(deviation <= worst)) [worst, worstName] = [deviation, name];
    });
    return {
      ok: worst <= bound,
      detail: `largest deviation from the reference ${worst.toExponential(1)} of the largest value${worstName ? ` (${worstName})` : ''}, bound ${bound.toExponential(0)}`,
    };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await oracle.dispose();
  }
}

/** max |a − b| / max |b|; NaN when a value is not finite. */
function relativeDeviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs((actual[i] as number) - (expected[i] as number));
    if (!(d <= difference)) difference = d;
    largest = Math.max(largest, Math.abs(expected[i] as number));
  }
  return difference / largest;
}

async function rollOut(backend: Backend): Promise<ArrayLike<number>[]> {
  const owned: BufferHandle[] = [];
  const array = (shape: readonly number[], scale = 0): KernelArgument => {
    const length = shape.reduce((product, n) => product * n, 1);
    const buffer = backend.allocate(length, 'f32');
    owned.push(buffer);
    if (scale > 0) {
      const values = new Float32Array(length);
      fillNormal(values, randomKey(owned.length, 'self-check'), 0);
      backend.write(
        buffer,
        values.map((value) => scale * value),
      );
    }
    return { buffer, shape, dtype: 'f32' };
  };
  const { B, T, I, H, O } = sizes;
  const inputs = array([B, T, I], 1);
  const parameters = array([parameterCount], 0.4);
  const initial_state = array([B, H], 0.5);
  const d_outputs = array([B, T, O], 1);
  const outputs = array([B, T, O]);
  const gradient = array([parameterCount]);
  const d_initial_state = array([B, H]);
  const d_inputs = array([B, T, I]);
  const params = { hidden_size: H };
  const run = (kernel: string, args: Record<string, KernelArgument>) => {
    for (const { name, shape } of kernelSpec(kernel).args) {
      if (shape[0] === 'scratch' && !args[name]) args[name] = array([backend.scratchLength(kernel, name, { variant: 'gru', args, params })]);
    }
    backend.run(kernel, { variant: 'gru', args, params });
  };
  try {
    const forward: Record<string, KernelArgument> = { inputs, parameters, initial_state, outputs };
    run('rollout_forward', forward);
    run('rollout_backward', {
      inputs,
      parameters,
      initial_state,
      outputs,
      cache: forward['cache'] as KernelArgument,
      d_outputs,
      gradient,
      d_initial_state,
      d_inputs,
    });
    return await Promise.all([outputs, gradient, d_initial_state, d_inputs].map(({ buffer }) => backend.read(buffer)));
  } finally {
    for (const buffer of owned) backend.free(buffer);
  }
}
