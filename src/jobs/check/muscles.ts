// check, kind muscle_: one step of a muscle from any state, its rates, its gradient, and its initial state.
import { createBody } from '../../arm/create-body.js';
import { Effector } from '../../arm/effector.js';
import type { EffectorInput, MuscleType } from '../../arm/options.js';
import type { Backend } from '../../backends/backend.js';
import { multiply } from '../../tensor/operations/binary.js';
import { sum } from '../../tensor/operations/reduction.js';
import { valueAndGradients } from '../../tensor/gradients.js';
import { tidy } from '../../tensor/scope.js';
import { type Tensor, tensor, zeros } from '../../tensor/tensor.js';
import { type Comparison, total } from './compare.js';
import { muscleNumbersOf, muscleTypeOf } from './effector-metadata.js';
import type { GoldenFile } from './golden-file.js';

const geometryRows = ['length', 'velocity', 'moment arm 0', 'moment arm 1'];
/** Relative bound of f64 gradients of compliant muscles; null: the usual one. */
export const compliantBound = 1e-6;

/** Replays one muscle file through one Euler step of a point mass that the muscles pull at. */
export async function checkMuscle(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const excitation = file.tensor('excitation', [null, null]);
  const [batch, muscles] = excitation.shape as [number, number];
  const named = file.metadata('muscle');
  const type = muscleTypeOf(named ?? file.name.slice('muscle_'.length).replace(/\..*$/, ''), file.name);
  const effector = new Effector(backend, createBody(bodyOptions(file, type, muscles)));
  const { muscleRows } = effector.body;
  const shape = [batch, muscleRows.length, muscles];
  const state = file.tensor('muscle_state', shape);
  const geometry = file.tensor('geometry_state', [batch, geometryRows.length, muscles]);
  const weights = file.tensor('w', shape);
  comparison.given('excitation', 'muscle_state', 'geometry_state', 'w', ...file.names.filter((name) => name.startsWith('param.')));
  const tensors: Tensor[] = [];
  try {
    const read = (source: Tensor) => source.data();
    const made = tidy(() => {
      const upload = (source: { data: ArrayLike<number>; shape: readonly number[] }) =>
        tensor(backend, source.data as Float64Array, source.shape as number[], 'f32');
      const inputs = [upload(excitation), upload(state), upload(geometry)] as const;
      const joint = zeros(backend, [batch, 4]);
      let next: Tensor | null = null;
      const { gradients } = valueAndGradients(
        (action, muscle, geometry) => {
          const stepped = effector.step({ joint, muscle: muscle as Tensor, geometry: geometry as Tensor }, action as Tensor).muscle;
          next = stepped.share();
          return sum(multiply(stepped, upload(weights)));
        },
        [...inputs],
      );
      const { muscleRate } = effector.rates({ joint, muscle: inputs[1], geometry: inputs[2] }, inputs[0]);
      return { next: next as unknown as Tensor, gradients, muscleRate, initial: effector.reset(everyStart(backend, geometry.data, batch, muscles)).muscle };
    });
    tensors.push(made.next, made.muscleRate, made.initial, ...made.gradients);

    const next = await read(made.next);
    const [dAction, dMuscle, dGeometry] = (await Promise.all(made.gradients.map(read))) as unknown as [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];
    const bound = type === 'CompliantTendonHill' ? compliantBound : undefined;
    const rates = ['activation', 'normalised muscle length'].slice(0, made.muscleRate.shape[1]);
    comparison.compareRows('state_derivative', await read(made.muscleRate), 1, rates);
    comparison.compareRows('new_state', next, 1, muscleRows);
    comparison.compare('loss', [total(Float64Array.from(next, (value, i) => value * (weights.data[i] as number)))]);
    comparison.compare('grad_excitation', dAction, bound);
    comparison.compareRows('grad_muscle_state', dMuscle, 1, muscleRows, bound);
    comparison.compareRows('grad_geometry_state', dGeometry, 1, geometryRows, bound);
    comparison.compareRows('initial_state', ownStarts(await read(made.initial), batch, muscleRows.length, muscles), 1, muscleRows);
  } finally {
    for (const one of tensors) one.dispose();
    effector.dispose();
  }
}

/** A point mass whose first coordinate is the length of every muscle. */
function bodyOptions(file: GoldenFile, type: MuscleType, muscles: number): EffectorInput {
  const run = file.section('class_kwargs');
  const step = file.metadata('dt');
  const passive = file.metadata('passive_forces');
  const numbers = muscleNumbersOf(type, run, file.section('build_params'));
  return {
    effector: 'Custom',
    skeleton: { type: 'PointMass' },
    muscle: type,
    muscleParameters: { ...(type === 'MujocoHill' && typeof passive === 'number' ? { passiveForces: passive } : {}), ...numbers },
    muscles: Array.from({ length: muscles }, () => ({ polynomial: { constant: 0, linear: [1, 0] } })),
    timeStep: typeof step === 'number' ? step : 0.01,
    integrator: 'euler',
    compat: 'motornet',
  };
}

/** Joint states [B·M, 4] in which all muscles have the length and velocity that muscle m has in row b of the file's geometry. */
function everyStart(backend: Backend, geometry: ArrayLike<number>, batch: number, muscles: number): Tensor {
  const joints = new Float64Array(batch * muscles * 4);
  for (let b = 0; b < batch; b++) {
    for (let m = 0; m < muscles; m++) {
      const row = (b * muscles + m) * 4;
      joints[row] = geometry[b * geometryRows.length * muscles + m] as number;
      joints[row + 2] = geometry[(b * geometryRows.length + 1) * muscles + m] as number;
    }
  }
  return tensor(backend, joints, [batch * muscles, 4]);
}

/** Of the states [B·M, R, M] of `everyStart` those of each muscle in its own row [B, R, M]. */
function ownStarts(states: ArrayLike<number>, batch: number, rows: number, muscles: number): Float64Array {
  const own = new Float64Array(batch * rows * muscles);
  for (let b = 0; b < batch; b++) {
    for (let m = 0; m < muscles; m++) {
      for (let row = 0; row < rows; row++) own[(b * rows + row) * muscles + m] = states[((b * muscles + m) * rows + row) * muscles + m] as number;
    }
  }
  return own;
}
