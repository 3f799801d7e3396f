// Bodies against the original's numbers, forward and backward, step by step through the public Effector.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Body } from '../../src/arm/body.js';
import { createBody } from '../../src/arm/create-body.js';
import { Effector, type EffectorState } from '../../src/arm/effector.js';
import type { EffectorInput } from '../../src/arm/options.js';
import { bodyNumber, muscleNumber, muscleStride } from '../../src/backends/body-layout.js';
import { add, divide, multiply, slice, square, sum, type Tensor, tensor, valueAndGradients } from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';
import { goldenText } from './golden-values.js';

const hill = { maximumForce: 30, tendonLength: 0.05, optimalLength: 0.3, slack: 1.4 };
const cases: Readonly<Record<string, EffectorInput>> = {
  A: { effector: 'RigidTendonArm26', muscle: 'Relu' },
  B: { effector: 'RigidTendonArm26', muscle: 'MujocoHill' },
  C: { effector: 'RigidTendonArm26', muscle: 'RigidTendonHill' },
  D: { effector: 'RigidTendonArm26', muscle: 'RigidTendonHillThelen' },
  E: { effector: 'RigidTendonArm26', muscle: 'RigidTendonHill', integrator: 'rk4-motornet', ministeps: 2, damping: 0.4 },
  F: { effector: 'CompliantTendonArm26', compat: 'motornet' },
  G: { effector: 'ReluPointMass24', skeleton: { type: 'PointMass', mass: 1.7 } },
  H: {
    effector: 'Custom',
    compat: 'motornet',
    skeleton: { type: 'TwoDofArm', viscosity: 0.3 },
    damping: 0.1,
    muscle: 'RigidTendonHill',
    muscleParameters: hill,
    muscles: [
      { points: [at('world', -0.1, 0.05), at('upperArm', 0.15, 0.03)] },
      { points: [at('world', 0.02, -0.04), at('upperArm', 0.25, -0.02), at('forearm', 0.06, 0.01)] },
      { points: [at('upperArm', 0.1, 0.03), at('forearm', 0.05, 0.02)] },
      { points: [at('world', -0.2, 0.1), at('world', -0.05, 0.06), at('upperArm', 0.28, 0.04), at('forearm', 0.03, 0.03), at('forearm', 0.1, 0.02)] },
    ],
  },
};

function at(body: 'world' | 'upperArm' | 'forearm', x: number, y: number) {
  return { body, at: [x, y] as [number, number] };
}

/** `name → numbers` of one case. */
function valuesOf(text: string): Map<string, number[]> {
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [name, ...numbers] = line.split(' ');
        return [name as string, numbers.map(Number)];
      }),
  );
}

/** The golden numbers are of parameters in float32 and time steps in double precision. */
function rounded(body: Body): Body {
  const table = Float64Array.from(Float32Array.from(body.table));
  for (const index of [bodyNumber.timeStep, bodyNumber.resetStep, bodyNumber.length1, bodyNumber.length2]) table[index] = body.table[index] as number;
  return { ...body, table };
}

const { available, missing } = await backendsUnderTest();
test.after(() => disposeBackends(available));
for (const { label, reason } of missing) skip(test, label, reason);

for (const { label, backend, precision } of available) {
  for (const [name, input] of Object.entries(cases)) {
    test(`${label}: body ${name}, ${input.effector}, moves and differentiates as the original`, async () => {
      const expected = valuesOf(goldenText[name] as string);
      const body = rounded(createBody(input));
      const effector = new Effector(backend, body);
      const { muscles, muscleRows } = body;
      const start = Float32Array.from(body.skeleton === 'arm' ? [0.8, 1.1, 0.5, -0.3] : [0.3, -0.2, 0.5, -0.3]);
      const optimal = Array.from({ length: muscles }, (_, m) => body.table[bodyNumber.muscles + m * muscleStride + muscleNumber.optimalLength] as number);
      const action = () => tensor(backend, [[0.1, 0.7, 0.2, 0.9, 0.4, 0.05].slice(0, muscles)]);
      const states: EffectorState[] = [];
      const { value, gradients } = valueAndGradients(
        (...actions) => {
          let state = effector.reset(tensor(backend, start, [1, 4]));
          const keepState = ({ joint, muscle, geometry, cartesian }: EffectorState) =>
            states.push({ joint: joint.share(), muscle: muscle.share(), geometry: geometry.share(), cartesian: cartesian.share() });
          keepState(state);
          const terms: Tensor[] = [];
          for (const one of actions) {
            state = effector.step(state, one as Tensor, { endpointLoad: tensor(backend, [[2, -1]]) });
            keepState(state);
            terms.push(multiply(sum(square(slice(state.cartesian, [null, [0, 2]]))), 0.5));
            terms.push(multiply(sum(slice(state.muscle, [null, muscleRows.length - 1])), 0.001));
            terms.push(sum(divide(slice(state.muscle, [null, 1]), tensor(backend, [optimal]))));
          }
          return terms.reduce((total, term) => add(total, term));
        },
        [action(), action(), action()],
      );
      const got = new Map<string, number[]>([['ell', [await value.item()]]]);
      for (const [index, gradient] of gradients.entries()) got.set(`du${index + 1}`, [...(await gradient.data())]);
      for (const index of [0, 1, 3]) {
        const state = states[index] as EffectorState;
        const [joint, muscle, geometry, cartesian] = await Promise.all([state.joint, state.muscle, state.geometry, state.cartesian].map((one) => one.data()));
        const row = (values: ArrayLike<number>, at: number) => Array.from(values).slice(at * muscles, (at + 1) * muscles);
        const prefix = index === 0 ? 'reset' : `s${index}`;
        for (const [part, values] of Object.entries({
          L: row(geometry as ArrayLike<number>, 0),
          V: row(geometry as ArrayLike<number>, 1),
          R1: row(geometry as ArrayLike<number>, 2),
          R2: row(geometry as ArrayLike<number>, 3),
          joint: Array.from(joint as ArrayLike<number>),
          cart: Array.from(cartesian as ArrayLike<number>),
          act: row(muscle as ArrayLike<number>, 0),
          row1: row(muscle as ArrayLike<number>, 1),
          row2: row(muscle as ArrayLike<number>, 2),
          force: row(muscle as ArrayLike<number>, muscleRows.length - 1),
        }))
          got.set(`${prefix}_${part}`, values);
      }
      for (const [part, numbers] of expected) {
        // In f64 what is left comes from derived parameters, which the original rounded to float32 too; in f32 4e-5 of max(|value|, 1e-3), and 3e-4 N for slack tendons, whose strain is a difference of nearly equal lengths.
        const bound =
          precision === 'f64'
            ? { atol: name === 'F' ? 1e-6 : 1e-8, rtol: name === 'F' ? 1e-5 : 2e-6 }
            : { atol: name === 'F' && part.endsWith('force') ? 3e-4 : 4e-8, rtol: 4e-5, rtolOfMax: name === 'F' ? 4e-4 : 4e-5 };
        assertClose(got.get(part) ?? [], numbers, { case: `${name} ${part}`, backend: label, ...bound });
      }
      assert.ok(expected.size > 20);
      for (const one of [value, ...gradients, ...states.flatMap((state) => Object.values(state) as Tensor[])]) one.dispose();
      effector.dispose();
    });
  }
}

test.run();
