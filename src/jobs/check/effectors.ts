// check, kind effector_: open-loop rollouts of whole bodies and back-propagation through them, run by run.
import { createBody } from '../../arm/create-body.js';
import { Effector, type EffectorRollout } from '../../arm/effector.js';
import type { Backend } from '../../backends/backend.js';
import { RunFormatError } from '../../errors.js';
import type { ArrayTensor } from '../../runs/safetensors.js';
import { valueAndGradients } from '../../tensor/gradients.js';
import { add, multiply } from '../../tensor/operations/binary.js';
import { slice } from '../../tensor/operations/layout.js';
import { sum } from '../../tensor/operations/reduction.js';
import { tidy } from '../../tensor/scope.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Comparison } from './compare.js';
import { effectorOf } from './effector-metadata.js';
import type { Section } from './golden-file.js';
import { compliantBound } from './muscles.js';

export const jointRows = ['pos0', 'pos1', 'vel0', 'vel1'] as const;
const cartesianRows = ['x', 'y', 'vx', 'vy'];
const geometryRows = ['musculotendon length', 'musculotendon velocity', 'moment for joint 0', 'moment for joint 1'];

export async function checkEffector(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const runs = file.section('runs');
  if (runs.keys.length === 0) throw new RunFormatError(`${file.name}: expected metadata runs with at least one run, got none`);
  for (const run of runs.keys) await checkRun(backend, comparison, run, runs.section(run));
}

async function checkRun(backend: Backend, comparison: Comparison, run: string, options: Section): Promise<void> {
  const { file } = comparison;
  const body = createBody(effectorOf(file.section('case'), options, file.metadata('custom_muscles')));
  const { muscles, muscleRows } = body;
  const name = (part: string) => `${run}.${part}`;
  const actions = file.tensor(name('actions'), [null, null, muscles]);
  const [steps, batch] = actions.shape as [number, number, number];
  const given = (part: string, shape: readonly number[]): ArrayTensor | null => {
    if (!file.has(name(part))) return null;
    comparison.given(name(part));
    return file.tensor(name(part), shape);
  };
  const joint0 = file.tensor(name('joint0'), [batch, 4]);
  comparison.given(name('actions'), name('joint0'));
  const endpointLoad = given('endpoint_load', [steps, batch, 2]);
  const jointLoad = given('joint_load', [steps, batch, 2]);
  const weights = { fingertip: given('w_fingertip', [steps, batch, 2]), force: given('w_force', [steps, batch, muscles]) };

  const effector = new Effector(backend, body);
  const made = tidy(() => {
    const upload = (source: ArrayTensor) => {
      const { data, shape } = swapFirstAxes(source.data, source.shape);
      return tensor(backend, data, shape, 'f32');
    };
    const inputs: Record<string, Tensor> = {
      actions: upload(actions),
      joint0: tensor(backend, joint0.data as Float64Array, [batch, 4], 'f32'),
      ...(endpointLoad ? { endpoint_load: upload(endpointLoad) } : {}),
      ...(jointLoad ? { joint_load: upload(jointLoad) } : {}),
    };
    const names = Object.keys(inputs);
    let rollout: EffectorRollout | null = null;
    const { gradients } = valueAndGradients((...tensors) => {
      const of = (part: string) => tensors[names.indexOf(part)];
      const states = effector.rollout(of('joint0') as Tensor, of('actions') as Tensor, {
        endpointLoad: of('endpoint_load') ?? null,
        jointLoad: of('joint_load') ?? null,
      });
      rollout = { joint: states.joint.share(), muscle: states.muscle.share(), geometry: states.geometry.share(), cartesian: states.cartesian.share() };
      const later = [1, null] as const;
      const terms = [
        weights.fingertip ? sum(multiply(slice(states.cartesian, [null, later, [0, 2]]), upload(weights.fingertip))) : null,
        weights.force ? sum(multiply(slice(states.muscle, [null, later, muscleRows.length - 1]), upload(weights.force))) : null,
      ].filter((term) => term !== null);
      const [first, ...rest] = terms;
      if (!first) throw new RunFormatError(`${file.name}: expected ${name('w_fingertip')} or ${name('w_force')}, got neither`);
      return rest.reduce((value, term) => add(value, term), first);
    }, Object.values(inputs));
    return { rollout: rollout as unknown as EffectorRollout, gradients: Object.fromEntries(names.map((part, index) => [part, gradients[index] as Tensor])) };
  });
  try {
    const states = Object.fromEntries(
      await Promise.all(
        Object.entries(made.rollout).map(async ([part, values]) => [part, swapFirstAxes(await (values as Tensor).data(), (values as Tensor).shape).data]),
      ),
    ) as Record<keyof EffectorRollout, Float64Array>;
    comparison.compareRows(name('joint'), states.joint, 2, jointRows);
    comparison.compareRows(name('cartesian'), states.cartesian, 2, cartesianRows);
    comparison.compareRows(name('muscle'), states.muscle, 2, muscleRows);
    comparison.compareRows(name('geometry'), states.geometry, 2, geometryRows);
    const fingertip = columns(states.cartesian, 4, 0, 2);
    comparison.compare(name('fingertip'), fingertip);
    const force = columns(states.muscle, muscleRows.length * muscles, (muscleRows.length - 1) * muscles, muscles);
    comparison.compare(name('loss'), [weighted(weights.fingertip, fingertip) + weighted(weights.force, force)]);
    const bound = body.muscleRows.includes('active force') ? compliantBound : undefined;
    for (const [part, gradient] of Object.entries(made.gradients)) {
      const values = await gradient.data();
      if (part === 'joint0') comparison.compareRows(name('grad_joint0'), values, 1, jointRows, bound);
      else comparison.compare(name(`grad_${part}`), swapFirstAxes(values, gradient.shape).data, bound);
    }
  } finally {
    for (const one of [...Object.values(made.rollout), ...Object.values(made.gradients)]) (one as Tensor).dispose();
    effector.dispose();
  }
}

/** [A, B, …] as [B, A, …]. */
export function swapFirstAxes(values: ArrayLike<number>, shape: readonly number[]): { data: Float64Array; shape: number[] } {
  const [first, second, ...rest] = shape as [number, number, ...number[]];
  const size = rest.reduce((product, length) => product * length, 1);
  const data = new Float64Array(values.length);
  for (let i = 0; i < first; i++) {
    for (let j = 0; j < second; j++) {
      for (let k = 0; k < size; k++) data[(j * first + i) * size + k] = values[(i * second + j) * size + k] as number;
    }
  }
  return { data, shape: [second, first, ...rest] };
}

/** `count` of every `width` values, from `first` on. */
function columns(values: ArrayLike<number>, width: number, first: number, count: number): Float64Array {
  const rows = values.length / width;
  const result = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < count; column++) result[row * count + column] = values[row * width + first + column] as number;
  return result;
}

/** Σ w · values over all states but the first; weights [T, …], values [T + 1, …]. */
function weighted(weights: ArrayTensor | null, values: ArrayLike<number>): number {
  if (!weights) return 0;
  const start = values.length - weights.data.length;
  let sum = 0;
  for (let i = 0; i < weights.data.length; i++) sum += (weights.data[i] as number) * (values[start + i] as number);
  return sum;
}
