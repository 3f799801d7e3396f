// check, kind skeletons: kinematics, accelerations and integration of bare skeletons, points fixed to their bodies, path geometry; every gradient.
import { createBody } from '../../arm/create-body.js';
import { Effector } from '../../arm/effector.js';
import type { EffectorInput } from '../../arm/options.js';
import type { Backend } from '../../backends/backend.js';
import { add, multiply } from '../../tensor/operations/binary.js';
import { slice } from '../../tensor/operations/layout.js';
import { sum } from '../../tensor/operations/reduction.js';
import { RunFormatError } from '../../errors.js';
import { describe } from '../../runs/safetensors.js';
import { valueAndGradients } from '../../tensor/gradients.js';
import { tidy } from '../../tensor/scope.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Comparison } from './compare.js';
import { bodyOf, pathMuscleOf, skeletonOf } from './effector-metadata.js';
import type { Section } from './golden-file.js';

type Skeleton = Extract<EffectorInput, { effector: 'Custom' }>['skeleton'];

/** What a case computed, by name of the file's tensors. */
type Results = Record<string, Tensor>;

export async function checkSkeletons(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const step = file.metadata('dt');
  const timeStep = typeof step === 'number' ? step : 0.01;
  const cases = file.section('cases');
  for (const name of cases.keys) await compareAll(comparison, name, checkCase(backend, comparison, name, cases.section(name), timeStep));
  if (file.metadata('geometry') !== null) await compareAll(comparison, 'geometry', checkGeometry(backend, comparison, timeStep));
}

async function compareAll(comparison: Comparison, prefix: string, results: Results): Promise<void> {
  try {
    for (const [name, result] of Object.entries(results)) comparison.compare(`${prefix}.${name}`, await result.data());
  } finally {
    for (const result of Object.values(results)) result.dispose();
  }
}

function checkCase(backend: Backend, comparison: Comparison, name: string, options: Section, timeStep: number): Results {
  const { file } = comparison;
  const where = `${file.name}: cases.${name}`;
  const skeleton = skeletonOf([options.string('skeleton', 'TwoDofArm'), options.entry('kwargs') ?? {}], where);
  const velocities = options.entry('vel_bounds');
  const limits = {
    ...(options.entry('pos_lower_bound') === undefined ? {} : { positionLower: options.entry('pos_lower_bound') as [number, number] }),
    ...(options.entry('pos_upper_bound') === undefined ? {} : { positionUpper: options.entry('pos_upper_bound') as [number, number] }),
    ...(Array.isArray(velocities) ? { velocityLower: velocities[0], velocityUpper: velocities[1] } : {}),
  };
  const joint = file.tensor(`${name}.joint_state`, [null, 4]);
  const batch = joint.shape[0] as number;
  const read = (part: string) => {
    const { data, shape } = file.tensor(`${name}.${part}`);
    comparison.given(`${name}.${part}`);
    return tensor(backend, data as Float64Array, shape as number[], 'f32');
  };
  return tidy(() => {
    // Muscles without force: torques come as joint loads.
    const bare = new Effector(backend, createBody({ effector: 'FreePointMass24', skeleton, timeStep, compat: 'motornet', ...limits }));
    const state = read('joint_state');
    const inputs = [state, read('inputs'), read('endpoint_load')];
    const still = tensor(backend, new Float64Array(batch * 4), [batch, 4], 'f32');
    const { muscle, geometry, cartesian } = bare.reset(state);
    const weighted = (result: Tensor, weight: string) => sum(multiply(result, read(weight)));
    const loads = (torque: Tensor | undefined, force: Tensor | undefined) => ({ jointLoad: torque ?? null, endpointLoad: force ?? null });
    const from = (joint: Tensor | undefined) => ({ joint: joint as Tensor, muscle, geometry });
    const results: Results = {
      cartesian,
      ode: bare.rates(from(state), still, loads(inputs[1], inputs[2])).acceleration,
      integrate: bare.step(from(state), still, loads(inputs[1], inputs[2])).joint,
    };
    const gradients = (names: readonly string[], fn: (...tensors: Tensor[]) => Tensor, of: readonly Tensor[]) => {
      valueAndGradients(fn, of).gradients.forEach((gradient, index) => {
        results[names[index] as string] = gradient;
      });
    };
    gradients(['grad_cart_joint'], (joint) => weighted(bare.reset(joint as Tensor).cartesian, 'w_cart'), [state]);
    const named = (kind: string) => ['joint', 'inputs', 'endpoint_load'].map((part) => `grad_${kind}_${part}`);
    gradients(named('ode'), (joint, torque, force) => weighted(bare.rates(from(joint), still, loads(torque, force)).acceleration, 'w_ode'), inputs);
    gradients(named('int'), (joint, torque, force) => weighted(bare.step(from(joint), still, loads(torque, force)).joint, 'w_int'), inputs);
    bare.dispose();

    const points = pathBody(comparison, name, skeleton, timeStep);
    if (points) {
      const effector = new Effector(backend, createBody(points));
      const own = (joint: Tensor) => firstOfPairs(effector.points(joint));
      const { point, velocity, derivative } = own(state);
      Object.assign(results, { path_xy: point, path_dxy_dt: velocity, path_dxy_ddof: derivative });
      gradients(
        ['grad_path_joint'],
        (joint) => {
          const at = own(joint as Tensor);
          return add(add(weighted(at.point, 'w_xy'), weighted(at.velocity, 'w_dxy_dt')), weighted(at.derivative, 'w_dxy_ddof'));
        },
        [state],
      );
      effector.dispose();
    }
    return results;
  });
}

/** A body with one muscle for every point of the file, to a second point elsewhere on the same body, so that any points make valid muscles. */
function pathBody(comparison: Comparison, name: string, skeleton: Skeleton, timeStep: number): EffectorInput | null {
  const { file } = comparison;
  if (!file.has(`${name}.path_coordinates`)) return null;
  comparison.given(`${name}.path_coordinates`, `${name}.path_fixation_body`);
  const { data, shape } = file.tensor(`${name}.path_coordinates`, [1, 2, null]);
  const count = shape[2] as number;
  const bodies = file.tensor(`${name}.path_fixation_body`, [1, 1, count]).data;
  const muscles = Array.from({ length: count }, (_, index) => {
    const body = bodyOf(bodies[index] as number, skeleton, `${file.name}: ${name}.path_fixation_body`);
    const [x, y] = [data[index] as number, data[count + index] as number];
    return {
      points: [
        { body, at: [x, y] as [number, number] },
        { body, at: [x + 1, y] as [number, number] },
      ],
    };
  });
  return { effector: 'Custom', skeleton, muscle: 'Relu', muscleParameters: { maximumForce: 1 }, muscles, timeStep, compat: 'motornet' };
}

/** Every other point: those of the file. */
function firstOfPairs({ point, velocity, derivative }: ReturnType<Effector['points']>): ReturnType<Effector['points']> {
  return {
    point: slice(point, [null, null, [0, null, 2]]),
    velocity: slice(velocity, [null, null, [0, null, 2]]),
    derivative: slice(derivative, [null, null, null, [0, null, 2]]),
  };
}

/** Lengths, velocities and moment arms of muscles defined by paths. */
function checkGeometry(backend: Backend, comparison: Comparison, timeStep: number): Results {
  const { file } = comparison;
  const options = file.section('geometry');
  const skeleton = skeletonOf(options.entry('skeleton') ?? {}, `${file.name}: geometry.skeleton`);
  const given = options.entry('muscles');
  if (!Array.isArray(given)) throw new RunFormatError(`${file.name}: metadata geometry.muscles: expected a list, got ${describe(given)}`);
  const muscles = given.map((value, index) => {
    const { section, muscle } = pathMuscleOf(value, skeleton, `${file.name}: geometry.muscles.${index}`);
    return { ...muscle, maximumForce: section.number('fmax', 1) };
  });
  const state = file.tensor('geometry.joint_state', [null, 4]);
  const weights = file.tensor('geometry.w', [state.shape[0] as number, 4, muscles.length]);
  comparison.given('geometry.joint_state', 'geometry.w');
  return tidy(() => {
    const effector = new Effector(backend, createBody({ effector: 'Custom', skeleton, muscle: 'Relu', muscles, timeStep, compat: 'motornet' }));
    const joint = tensor(backend, state.data as Float64Array, state.shape as number[], 'f32');
    const weight = tensor(backend, weights.data as Float64Array, weights.shape as number[], 'f32');
    const { gradients } = valueAndGradients((joint) => sum(multiply(effector.reset(joint as Tensor).geometry, weight)), [joint]);
    const results = { geometry_state: effector.reset(joint).geometry, grad_joint: gradients[0] as Tensor };
    effector.dispose();
    return results;
  });
}
