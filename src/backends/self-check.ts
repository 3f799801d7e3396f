// The self-check: a small network alone and one that moves a body, forward and backward, on a backend and on the reference. A backend that fails is not to be
// trusted: GPU drivers compile shaders anew on every machine.
import { createPlant } from '../arm/create-plant.js';
import { observationSize, type Plant } from '../arm/plant.js';
import { createModel } from '../models/model.js';
import { fillNormal, randomKey } from '../random.js';
import { Rollout } from '../rollout/rollout.js';
import { sizeOf, Workspace } from '../rollout/workspace.js';
import type { Backend, KernelArgument } from './backend.js';
import { kernelSpec } from './catalogue.js';
import { createReferenceBackend } from './reference/index.js';

/** Eight trials and a few more: whole tiles and a remainder. */
const sizes = { trials: 11, steps: 7, inputs: 3, hiddenSize: 10, outputs: 2 } as const;
/** Largest difference over largest value: 7 steps in f32 with activations of 3e-7 stay far below. */
const bound = 2e-5;

/**
 * Compares everything made and all gradients of the rollouts; `detail` gives the worst deviation, or what went wrong. Throws nothing. `loop` (default true):
 * the network that moves a body as well, whose shaders are the largest.
 */
export async function selfCheck(backend: Backend, { loop = true }: { readonly loop?: boolean } = {}): Promise<{ ok: boolean; detail: string }> {
  const oracle = createReferenceBackend();
  try {
    let worst = 0;
    let worstName = '';
    const plant = createPlant({ effector: { effector: 'ReluPointMass24' }, sensors: { visionDelay: 0.02, proprioceptionDelay: 0.01 } });
    const loops = loop && kernelSpec('closed_loop_forward').absent?.[backend.description.name] === undefined;
    const bodies = loops ? [undefined, plant] : [undefined];
    // All at once: drivers that compile for seconds do so on several processors.
    const actual = await Promise.all(bodies.map((body) => rollOut(backend, body)));
    for (const [i, body] of bodies.entries()) {
      for (const [name, expected] of Object.entries(await rollOut(oracle, body))) {
        const deviation = relativeDeviation(actual[i]?.[name] as ArrayLike<number>, expected);
        if (deviation > worst) [worst, worstName] = [deviation, `${name} of the ${body ? 'closed loop' : 'network'}`];
      }
    }
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

/** max |a − b| / max |b|; infinite when a value is not finite. */
function relativeDeviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs((actual[i] as number) - (expected[i] as number));
    if (!Number.isFinite(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
    largest = Math.max(largest, Math.abs(expected[i] as number));
  }
  return difference / largest;
}

/** What a GRU and its read-out make of random inputs, alone or moving a body, and where random gradients of that lead. */
async function rollOut(backend: Backend, plant: Plant | undefined): Promise<Readonly<Record<string, ArrayLike<number>>>> {
  const { trials, steps, inputs, hiddenSize } = sizes;
  const outputs = plant ? plant.body.muscles : sizes.outputs;
  const model = createModel({ cell: 'gru', hiddenSize }, inputs + (plant ? observationSize(plant) : 0), outputs);
  const workspace = new Workspace(backend);
  let rollout: Rollout | null = null;
  let seed = 0;
  const fill = (argument: KernelArgument, scale: number): KernelArgument => {
    const values = new Float32Array(sizeOf(argument.shape));
    fillNormal(values, randomKey(seed++, 'self-check'), 0);
    backend.write(
      argument.buffer,
      values.map((value) => scale * value),
    );
    return argument;
  };
  const array = (shape: readonly number[], scale: number) => fill(workspace.allocate(shape), scale);
  try {
    rollout = new Rollout({ backend, model, plant, trials, steps, gradients: true, inputGradients: true });
    const gradient = workspace.allocate([model.parameterCount]);
    const made = rollout.forward({
      parameters: array([model.parameterCount], 0.4),
      inputs: array([trials, steps, inputs], 1),
      trialIndices: workspace.upload(
        Array.from({ length: trials }, (_, trial) => trial),
        [trials],
        'i32',
      ),
      keys: { initial: randomKey(1, 'self-check') },
      joints: plant ? array([trials, 4], 0.1) : null,
    });
    const { dOutputs, dFingertip } = rollout.clearGradients();
    fill(dOutputs, 1);
    if (dFingertip) fill(dFingertip, 1);
    const { dInputs, dInitialState } = rollout.backward(gradient);
    const { outputs: actions, fingertip, joint, muscle } = made;
    const results = { outputs: actions, fingertip, joint, muscle, gradient, 'gradient of the initial state': dInitialState, 'gradient of the inputs': dInputs };
    const read: Record<string, ArrayLike<number>> = {};
    for (const [name, argument] of Object.entries(results)) {
      if (argument) read[name] = await backend.read(argument.buffer, 0, sizeOf(argument.shape));
    }
    return read;
  } finally {
    rollout?.dispose();
    workspace.dispose();
  }
}
