// Calls with bodies that are impossible: every backend refuses them, with the same words.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bodyWord } from '../../src/backends/body-layout.js';
import { KernelError, ShapeError } from '../../src/errors.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { bodyArguments, testBody } from '../support/bodies.js';
import { type CaseArgument, runCase } from '../support/cases.js';
import { skip } from '../support/skip.js';
import { normals } from '../support/values.js';

const test = suite('refused bodies');
const { available, missing } = await backendsUnderTest();
test.after(() => disposeBackends(available));
for (const { label, reason } of missing) skip(test, `refusals on ${label}`, reason);

const M = 3;
const exact = { atol: 0, rtol: 0, reason: 'not compared here' };
type Args = Readonly<Record<string, CaseArgument>>;

interface Refusal {
  readonly what: string;
  readonly kernel?: string;
  readonly args?: Readonly<Record<string, CaseArgument | null>>;
  readonly params?: Readonly<Record<string, number>>;
  readonly error: typeof ShapeError | typeof KernelError;
  readonly says: RegExp;
}

const body = testBody('path arm', 'MujocoHill');
const [B, T, E, H, R] = [2, 3, 2, 2, 7];
const rolloutArguments: Args = {
  ...bodyArguments(body),
  joint0: { shape: [B, 4], data: normals(B * 4, 1) },
  actions: { shape: [B, T, M] },
  joint: { shape: [B, T + 1, 4] },
  muscle: { shape: [B, T + 1, R, M] },
};
const loopArguments: Args = {
  ...bodyArguments(body),
  inputs: { shape: [B, T, E] },
  parameters: { shape: [3 * H * (E + 8 + H + 2) + M * (H + 1)] },
  initial_state: { shape: [B, H] },
  joint0: rolloutArguments.joint0,
  outputs: { shape: [B, T, M] },
  fingertip: { shape: [B, T, 2] },
  joint: rolloutArguments.joint,
  muscle: rolloutArguments.muscle,
};
const layoutWith = (word: number, value: number) => ({ body_layout: { shape: [body.layout.length], data: body.layout.with(word, value) } });
const shaped = (shape: readonly number[]): CaseArgument => ({ shape });
const firstBody = bodyWord.paths + M + 1;

const refusals: readonly Refusal[] = [
  { what: 'N ≠ T + 1', args: { joint: shaped([B, T, 4]), muscle: shaped([B, T, R, M]) }, error: ShapeError, says: /N = T \+ 1 = 4/ },
  { what: 'J ≠ 4', args: { joint0: shaped([B, 2]), joint: shaped([B, T + 1, 2]) }, error: ShapeError, says: /expected joint0 with J=4, got J=2/ },
  { what: 'D ≠ 2', args: { joint_load: shaped([B, T, 3]) }, error: ShapeError, says: /expected joint_load with D=2, got D=3/ },
  { what: 'G ≠ 4', args: { geometry: shaped([B, T + 1, 3, M]) }, error: ShapeError, says: /expected geometry with G=4/ },
  { what: 'rows that no muscle has', args: { muscle: shaped([B, T + 1, 5, M]) }, error: ShapeError, says: /expected muscle with R=4 or 7, got R=5/ },
  { what: 'rows of another muscle', args: { muscle: shaped([B, T + 1, 4, M]) }, error: ShapeError, says: /7 rows of muscle state for this body, got 4/ },
  {
    what: 'another number of muscles',
    args: { actions: shaped([B, T, 2]), muscle: shaped([B, T + 1, R, 2]) },
    error: ShapeError,
    says: /3 muscles for this body, got 2/,
  },
  { what: 'a short layout', args: { body_layout: shaped([7]) }, error: ShapeError, says: /body_layout of at least 8 words/ },
  { what: 'a short table', args: { body: shaped([60]) }, error: ShapeError, says: /body of at least 68 numbers/ },
  { what: 'a table of another length', args: { body: shaped([70]) }, error: KernelError, says: /body of 84 numbers for 3 muscles and 8 path points, got 70/ },
  { what: 'an unknown muscle', args: layoutWith(bodyWord.muscle, 5), error: KernelError, says: /a muscle among 0, 1, 2, 3, 4, got 5/ },
  { what: 'no ministep', args: layoutWith(bodyWord.ministeps, 0), error: KernelError, says: /at least 1 ministep, got 0/ },
  { what: 'a point on an unknown body', args: layoutWith(firstBody, 3), error: KernelError, says: /path point 0 on body 0, 1 or 2, got 3/ },
  { what: 'a muscle with one point', args: layoutWith(bodyWord.paths + 1, 1), error: KernelError, says: /at least 2 path points for muscle 0, got 1/ },
  {
    what: 'points that belong to no muscle',
    args: layoutWith(bodyWord.paths + M, 7),
    error: KernelError,
    says: /share out the path points 0 to 8, got 0 to 7/,
  },
  {
    what: 'another number of path points',
    kernel: 'effector_points',
    args: { joint: shaped([B, 4]), point: shaped([B, 2, 5]), velocity: shaped([B, 2, 5]), derivative: shaped([B, 2, 2, 5]) },
    error: ShapeError,
    says: /arrays of 8 path points for this body, got 5/,
  },
  { what: 'U ≠ T + 2', kernel: 'closed_loop_forward', args: { vision_noise: shaped([B, T + 1, 2]) }, error: ShapeError, says: /vision_noise with U=5/ },
  { what: 'F ≠ 2M', kernel: 'closed_loop_forward', args: { proprioception_noise: shaped([B, T + 2, 5]) }, error: ShapeError, says: /F=6/ },
  { what: 'V', kernel: 'closed_loop_forward', args: { observation_noise: shaped([B, T, 9]) }, error: ShapeError, says: /observation_noise with V=8/ },
  { what: 'I ≠ E + V', kernel: 'closed_loop_forward', args: { network_inputs: shaped([B, T, 9]) }, error: ShapeError, says: /network_inputs with I=10/ },
  { what: 'too few states', kernel: 'closed_loop_forward', args: { joint: shaped([B, T, 4]), muscle: shaped([B, T, R, M]) }, error: ShapeError, says: /N=4/ },
  {
    what: 'parameters for fewer inputs',
    kernel: 'closed_loop_forward',
    params: { action_frames: 1 },
    error: ShapeError,
    says: /at least 111 parameters for I=13, hidden_size 2 and O=3, got 93/,
  },
  { what: 'a delay of no frame', kernel: 'closed_loop_forward', params: { vision_delay: 0 }, error: ShapeError, says: /vision_delay of at least 1, got 0/ },
  { what: 'half a frame', kernel: 'closed_loop_forward', params: { action_frames: 0.5 }, error: ShapeError, says: /action_frames of at least 0, got 0.5/ },
  {
    what: 'leading inputs that are not there',
    kernel: 'closed_loop_forward',
    params: { leading_inputs: 3 },
    error: ShapeError,
    says: /at most E=2 leading_inputs/,
  },
];

for (const { what, kernel = 'effector_rollout_forward', args = {}, params = {}, error, says } of refusals) {
  test(`${kernel} refuses ${what}`, async () => {
    const valid = kernel === 'closed_loop_forward' ? loopArguments : kernel === 'effector_points' ? bodyArguments(body) : rolloutArguments;
    const call = {
      kernel,
      name: what,
      args: { ...valid, ...args },
      params: kernel.startsWith('closed') ? { hidden_size: H, ...params } : {},
      tolerance: exact,
    };
    for (const { label, backend } of available) {
      let caught: unknown = null;
      try {
        await runCase(backend, call);
      } catch (thrown) {
        caught = thrown;
      }
      assert.instance(caught, error, label);
      assert.match((caught as Error).message, says, label);
      assert.match((caught as Error).message, /: expected .*, got /);
    }
  });
}

test('the calls that the refused ones were made from run', async () => {
  for (const { backend } of available) {
    await runCase(backend, { kernel: 'effector_rollout_forward', name: 'valid', args: rolloutArguments, tolerance: exact });
    await runCase(backend, { kernel: 'closed_loop_forward', name: 'valid', args: loopArguments, params: { hidden_size: H }, tolerance: exact });
  }
});

test.run();
