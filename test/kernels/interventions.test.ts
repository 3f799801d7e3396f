// What acts on single trials at single steps, by theory: lesions, clamps, fields and muscle strengths against networks and bodies that are made that way;
// a row of 0 leaves a trial's bits alone whatever happens to its neighbours in a tile. On the f64 reference and on WASM.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBody } from '../../src/arm/create-body.js';
import type { EffectorInput } from '../../src/arm/options.js';
import type { Backend, TensorData } from '../../src/backends/backend.js';
import { bodyNumber, muscleNumber, muscleStride } from '../../src/backends/body-layout.js';
import { backwardCase as loopBackward } from '../cases/closed_loop_backward.js';
import { forwardCase as loopForward, type LoopCase } from '../cases/closed_loop_forward.js';
import { backwardCase } from '../cases/rollout_backward.js';
import { forwardCase, parameterCount, type RolloutCase } from '../cases/rollout_forward.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { type CaseArgument, type KernelCase, runCase } from '../support/cases.js';
import { skip } from '../support/skip.js';

const { available, missing } = await backendsUnderTest();
test.after(() => disposeBackends(available));
for (const { label, reason } of missing) skip(test, label, reason);
const chosen = available.filter(({ label }) => label === 'reference f64' || label === 'wasm simd');

type Arguments = KernelCase['args'];
const withArguments = (kernelCase: KernelCase, args: Arguments): KernelCase => ({
  ...kernelCase,
  args: { ...kernelCase.args, ...args },
  ...(kernelCase.before ? { before: withArguments(kernelCase.before, args) } : {}),
});
const numbers = (argument: CaseArgument | null | undefined): number[] => Array.from((argument as CaseArgument).data as ArrayLike<number>);

/** Row 1 of a table for every trial and entry; row 0 must never be read. */
function everywhere(B: number, entries: number, values: readonly number[]): [CaseArgument, CaseArgument] {
  return [
    { shape: [B, entries], data: new Int32Array(B * entries).fill(1) },
    { shape: [2, values.length], data: [...values.map(() => Number.NaN), ...values] },
  ];
}

const [B, T, I, H, O] = [3, 5, 2, 5, 2];
const layers = [6, 4];
const cells: readonly (Pick<RolloutCase, 'cell' | 'params'> & { readonly bias?: number })[] = [
  { cell: 'gru' },
  { cell: 'lstm', params: { readout_sigmoid: 1 } },
  { cell: 'rnn' },
  { cell: 'node' },
  { cell: 'driscoll' },
  { cell: 'driscoll', params: { ctdb: 1, activation: 1 } },
];
const title = ({ cell, params }: Pick<RolloutCase, 'cell' | 'params'>): string => (params?.['ctdb'] ? `${cell} as in CtDB` : cell);

/** Where the weights that read the state stand: rows of H (or more) numbers, and the bias that is added to each row's product. */
function readers(of: RolloutCase): { weight: number; bias: number }[] {
  const { cell } = of;
  const count = parameterCount(of);
  const rows = (number: number, weight: number, stride: number, bias: number) =>
    Array.from({ length: number }, (_, row) => ({ weight: weight + row * stride, bias: bias + row }));
  const readout = rows(O, count - O * (H + 1), H, count - O);
  if (cell === 'driscoll') return [...rows(H, 0, H, H * (H + I)), ...readout];
  if (cell === 'node') return [...rows(layers[0] as number, 0, H + I, (layers[0] as number) * (H + I)), ...readout];
  const gates = { gru: 3, lstm: 4, rnn: 1 }[cell];
  return [...rows(gates * H, gates * H * I, H, gates * H * (I + H + 1)), ...readout];
}

for (const { label, backend, precision } of chosen) {
  for (const cell of cells) {
    const of: RolloutCase = { name: 'interventions', ...cell, B, T, I, H, O, layers, noise: true, states: true };
    const plain = forwardCase(of, 3, false);
    const parameters = numbers(plain.args['parameters']);
    const S = cell.cell === 'lstm' ? 2 * H : H;
    const lesioned = [1, 4];
    const kept = Array.from({ length: H }, (_, j) => Number(!lesioned.includes(j)));
    const silenced = parameters.slice();
    for (const { weight } of readers(of)) for (const j of lesioned) silenced[weight + j] = 0;
    const stateOf = (states: TensorData, j: number) => Array.from({ length: B * T }, (_, step) => states[step * S + j]);

    test(`${title(cell)}: a lesioned unit is exactly zero, and all else is as without the weights that lead away from it, on ${label}`, async () => {
      const [unit_row, unit_gain] = everywhere(B, T + 1, kept);
      const [, unit_shift] = everywhere(
        B,
        T + 1,
        kept.map(() => 0),
      );
      const lesion = await runCase(backend, withArguments(plain, { unit_row, unit_gain, unit_shift }));
      const cut = await runCase(backend, withArguments(plain, { parameters: { shape: [silenced.length], data: silenced } }));
      assert.equal([...lesion['outputs']!], [...cut['outputs']!]);
      for (let j = 0; j < H; j++) {
        if (!kept[j]) assert.ok(stateOf(lesion['states']!, j).every((h) => Object.is(h, 0)));
        else assert.equal(stateOf(lesion['states']!, j), stateOf(cut['states']!, j));
      }
    });

    // With ctdb the weights also act outside the activation, where there is no bias.
    if (cell.params?.['ctdb']) continue;
    test(`${title(cell)}: a clamped unit is exactly its value, and acts as a constant input does, on ${label}`, async () => {
      const value = 0.75;
      const shift = kept.map((one) => (one ? 0 : value));
      const [unit_row, unit_gain] = everywhere(B, T + 1, kept);
      const [, unit_shift] = everywhere(B, T + 1, shift);
      const clamp = await runCase(backend, withArguments(plain, { unit_row, unit_gain, unit_shift }));
      const driven = silenced.slice();
      for (const { weight, bias } of readers(of)) for (const j of lesioned) (driven[bias] as number) += value * (parameters[weight + j] as number);
      const constant = await runCase(backend, withArguments(plain, { parameters: { shape: [driven.length], data: driven } }));
      const bound = { backend: label, atol: precision === 'f64' ? 1e-12 : 2e-6 };
      assertClose(clamp['outputs']!, constant['outputs']!, { case: 'outputs', ...bound });
      for (let j = 0; j < H; j++) {
        if (!kept[j]) assert.ok(stateOf(clamp['states']!, j).every((h) => h === value));
        else assertClose(stateOf(clamp['states']!, j), stateOf(constant['states']!, j), { case: `unit ${j}`, ...bound });
      }
    });
  }

  const everything = { noises: ['state', 'action'], states: true, inputGradients: true, bodyGradients: true, frames: 1, delays: [2, 3] } as const;
  const bodies: readonly NonNullable<LoopCase['body']>[] = ['mujoco', 'relu', 'pointMass', 'rk4', 'compliant'];
  const mixed: readonly [string, KernelCase][] = [
    ...cells.map(({ cell, params }): [string, KernelCase] => {
      const of = { name: '', cell, ...(params ? { params } : {}), B: 17, T: 6, noise: true, states: true, inputGradients: true, changes: true };
      return [title({ cell, ...(params ? { params } : {}) }), backwardCase(of, 5)];
    }),
    ...bodies.map((body): [string, KernelCase] => {
      const of: LoopCase = { name: '', cell: 'gru', body, B: 17, T: 6, changes: ['units', 'fields', 'strengths'], ...everything };
      return [`a loop through ${body}`, loopBackward(of, 5)];
    }),
  ];
  for (const [name, both] of mixed) {
    test(`${name}: trials without an intervention keep their bits beside others that have one, on ${label}`, async () => {
      const left = (b: number) => b % 3 === 0;
      const rows = ['unit_row', 'field_row', 'strength_row'].flatMap((row) => {
        const { shape, data } = both.args[row] ?? { shape: [] };
        return data ? [[row, { shape, data: Array.from(data, (choice, i) => (left(Math.floor(i / (shape[1] as number))) ? 0 : choice)) }] as const] : [];
      });
      const some = Object.fromEntries(rows);
      const none = { unit_row: null, unit_gain: null, unit_shift: null, field_row: null, fields: null, strength_row: null, strengths: null };
      const absent = Object.fromEntries(Object.entries(none).filter(([argument]) => both.args[argument]));
      let changed = 0;
      for (const kernelCase of [both.before as KernelCase, both]) {
        const acted = await runCase(backend, withArguments(kernelCase, some));
        const alone = await runCase(backend, withArguments(kernelCase, absent));
        for (const [output, values] of Object.entries(alone)) {
          if (output === 'gradient') continue;
          const size = values.length / 17;
          const bits = (of: TensorData, b: number) => new Int32Array(of.slice(b * size, (b + 1) * size).buffer);
          for (let b = 0; b < 17; b++) {
            const own = bits(acted[output] as TensorData, b);
            const same = bits(values, b).every((word, i) => word === own[i]);
            if (left(b)) assert.ok(same, `${output} of trial ${b}`);
            else if (!same) changed++;
          }
        }
      }
      assert.ok(changed > 0);
    });
  }

  test(`a field acts as a load of its force would, and a curl field does no work around a closed path, on ${label}`, async () => {
    // A free mass in a curl field goes round in a circle: 1 kg, 20 N·s/m, once in π/10 s.
    const input: EffectorInput = { effector: 'ReluPointMass24', timeStep: 0.0001 };
    const steps = Math.round(Math.PI / 10 / 0.0001);
    const of: LoopCase = { name: '', cell: 'rnn', body: 'pointMass', B: 1, T: steps, E: 1, H: 1 };
    const { layout, table } = createBody(input);
    const silent = numbers(loopForward(of, 1, false).args['parameters']).map((_, p, all) => (p < all.length - 4 ? 0 : -1)); // actions of −1: no excitation
    const field = [0, 0, 0, 0, 0, 0, 0, 0, 0, -20, 20, 0];
    const [field_row, fields] = everywhere(1, steps, field);
    const free = withArguments(loopForward(of, 1, false), {
      body_layout: { shape: [layout.length], data: layout },
      body: { shape: [table.length], data: table },
      parameters: { shape: [silent.length], data: silent },
      joint0: { shape: [1, 4], data: [0.1, 0.2, 0.5, -0.3] },
    });
    const { joint } = (await runCase(backend, withArguments(free, { field_row, fields }))) as { joint: TensorData };
    const state = (k: number) => Array.from(joint.slice(4 * k, 4 * k + 4)) as [number, number, number, number];
    const loads: number[] = [];
    let work = 0;
    let length = 0;
    for (let k = 0; k < steps; k++) {
      const [, , vx, vy] = state(k);
      const [fx, fy] = [-20 * vy, 20 * vx];
      loads.push(fx, fy);
      work += (fx * vx + fy * vy) * 0.0001;
      length += Math.hypot(fx, fy) * Math.hypot(vx, vy) * 0.0001;
    }
    const [x0, y0] = state(0);
    const [x1, y1] = state(steps);
    assert.ok(Math.hypot(x1 - x0, y1 - y0) < 0.003, `a closed path, got from ${x0}, ${y0} to ${x1}, ${y1}`);
    assert.ok(Math.abs(work) < 1e-15 * length, `work ${work} of ${length}`);
    const driven = (await runCase(backend, withArguments(free, { endpoint_load: { shape: [1, steps, 2], data: loads } }))) as { joint: TensorData };
    assertClose(joint, driven.joint, { case: 'joint', backend: label, atol: precision === 'f64' ? 1e-13 : 2e-5 });
  });

  test(`a general field on an arm is the force that its row states, on ${label}`, async () => {
    const of: LoopCase = { name: '', cell: 'gru', B: 2, T: 12, loads: ['endpoint'] };
    const [force, centre, A, D] = [
      [1, -2],
      [0.1, 0.4],
      [-30, 4, -3, 20],
      [2, -7, 5, 1],
    ] as const;
    const [field_row, fields] = everywhere(2, 12, [...force, ...centre, ...A, ...D]);
    const plain = loopForward(of, 4, false);
    const acted = await runCase(backend, withArguments(plain, { field_row, fields }));
    const table = numbers(plain.args['body']);
    const [l1, l2] = [bodyNumber.length1, bodyNumber.length2].map((at) => table[at] as number) as [number, number];
    const loads = numbers(plain.args['endpoint_load']).map((load, i) => {
      const [b, k, axis] = [Math.floor(i / 24), Math.floor((i % 24) / 2), i % 2];
      const [q1, q2, w1, w2] = acted['joint']!.slice((b * 13 + k) * 4, (b * 13 + k + 1) * 4) as unknown as [number, number, number, number];
      const [c1, s1, c2, s2] = [l1 * Math.cos(q1), l1 * Math.sin(q1), l2 * Math.cos(q1 + q2), l2 * Math.sin(q1 + q2)];
      const p = [c1 + c2 - centre[0], s1 + s2 - centre[1]];
      const v = [-s1 * w1 - s2 * (w1 + w2), c1 * w1 + c2 * (w1 + w2)];
      const row = (matrix: readonly number[], by: readonly number[]) =>
        (matrix[2 * axis] as number) * (by[0] as number) + (matrix[2 * axis + 1] as number) * (by[1] as number);
      return load + (force[axis] as number) + row(A, p) + row(D, v);
    });
    const driven = await runCase(backend, withArguments(plain, { endpoint_load: { shape: [2, 12, 2], data: loads } }));
    for (const output of ['joint', 'muscle', 'outputs'])
      assertClose(acted[output]!, driven[output]!, {
        case: output,
        backend: label,
        atol: precision === 'f64' ? 1e-12 : 1e-5,
        rtol: precision === 'f64' ? 1e-12 : 1e-5,
      });
  });

  for (const body of ['relu', 'rk4'] as const) {
    test(`${body}: muscles of strength 1 are as they are, weaker ones those of a weaker body, silent ones without force, on ${label}`, async () => {
      const of: LoopCase = { name: '', cell: 'gru', body, B: 9, T: 6, delays: [2, 1] };
      const plain = loopForward(of, 6, false);
      const M = 6;
      const R = plain.args['muscle']?.shape[2] as number;
      const strength = (values: readonly number[]) => {
        const [strength_row, strengths] = everywhere(9, 6, values);
        return runCase(backend, withArguments(plain, { strength_row, strengths }));
      };
      const normal = await runCase(backend, plain);
      assert.equal(await strength(new Array(M).fill(1)), normal);
      const shares = [0.5, 1, 0.3, 1.4, 0.8, 0.1];
      const table = numbers(plain.args['body']);
      for (let m = 0; m < M; m++) (table[bodyNumber.muscles + m * muscleStride + muscleNumber.maximumForce] as number) *= shares[m] as number;
      const weaker = await runCase(backend, withArguments(plain, { body: { shape: [table.length], data: table } }));
      const acted = await strength(shares);
      for (const output of ['joint', 'outputs'])
        assertClose(acted[output]!, weaker[output]!, { case: output, backend: label, atol: precision === 'f64' ? 1e-12 : 1e-5 });
      const silent = (await strength(new Array(M).fill(0)))['muscle']!;
      const forces = Array.from(silent).filter((_, i) => Math.floor(i / M) % R === R - 1 && Math.floor(i / (M * R)) % 7 > 0);
      assert.ok(forces.length === 9 * 6 * M && forces.every((force) => force === 0));
    });
  }
}

/** A call of one trial whose rows and tables are cut short. */
function refused(backend: Backend, args: Arguments): Promise<unknown> {
  return runCase(backend, withArguments(loopForward({ name: '', cell: 'gru', changes: ['units', 'fields', 'strengths'], B: 1 }, 1, false), args));
}

test('tables without their rows, of other widths or for other numbers of states are refused', async () => {
  const { backend } = chosen[0] as (typeof chosen)[number];
  const failure = async (args: Arguments) => {
    try {
      await refused(backend, args);
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  const zeros = (...shape: number[]): CaseArgument => ({ shape, data: new Float32Array(shape.reduce((n, size) => n * size, 1)) });
  assert.match(await failure({ unit_shift: null }), 'expected all of unit_row, unit_gain, unit_shift or none, got none for unit_shift');
  assert.match(await failure({ fields: null }), 'expected all of field_row, fields or none, got none for fields');
  assert.match(await failure({ strength_row: null }), 'expected all of strength_row, strengths or none, got none for strength_row');
  assert.match(await failure({ fields: zeros(2, 8) }), 'expected fields with Z=12, got Z=8');
  assert.match(await failure({ unit_gain: zeros(2, 4), unit_shift: zeros(2, 4) }), 'expected unit_gain [W, 6], got [W, 4]');
  assert.match(await failure({ strengths: zeros(2, 5) }), 'expected outputs of shape [B=1, T=5, M=5], got [1, 5, 6]');
  assert.match(await failure({ unit_row: zeros(1, 5) }), 'N');
});

test.run();
