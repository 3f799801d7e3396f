// Options of bodies: defaults, tables, round trip through JSON, and every mistake named at once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Body } from '../../src/arm/body.js';
import { createBody } from '../../src/arm/create-body.js';
import { shippedEffectors } from '../../src/arm/effectors.js';
import { describeMuscles, forceIndex, muscleText } from '../../src/arm/muscle-list.js';
import { type EffectorInput, muscleTypes } from '../../src/arm/options.js';
import { bodyNumber, bodyTableLength, bodyWord, geometryCode, integratorCode, muscleNumber, muscleStride } from '../../src/backends/body-layout.js';
import { ConfigError } from '../../src/errors.js';

const path = (body: 'world' | 'upperArm' | 'forearm' | 'mass', x: number, y: number) => ({ body, at: [x, y] as [number, number] });
const custom = {
  effector: 'Custom',
  skeleton: { type: 'TwoDofArm', viscosity: 0.05 },
  muscle: 'MujocoHill',
  muscleParameters: { optimalLength: 0.15, tendonLength: [0.04, 0.06] },
  muscles: [
    { name: 'flexor', points: [path('world', -0.15, 0.03), path('upperArm', 0.1, 0.02)], maximumForce: 800 },
    { points: [path('upperArm', 0.16, 0.01), path('forearm', 0.05, 0.02)], maximumForce: 700, slack: 1.1 },
  ],
} satisfies EffectorInput;

/** Every shipped effector with every muscle that it may have, and bodies of one's own with each kind of geometry. */
const inputs: EffectorInput[] = [
  ...Object.entries(shippedEffectors).flatMap(([effector, { muscle }]) =>
    (muscle === null ? muscleTypes : [null]).map(
      (type) =>
        ({
          effector,
          ...(type === null ? {} : { muscle: type }),
          ...(type !== null && type !== 'Relu' && effector !== 'RigidTendonArm26' ? { muscleParameters: { optimalLength: 0.1, tendonLength: 0.05 } } : {}),
        }) as EffectorInput,
    ),
  ),
  custom,
  {
    effector: 'Custom',
    skeleton: { type: 'PointMass', mass: 2 },
    muscle: 'CompliantTendonHill',
    muscleParameters: { optimalLength: 1, tendonLength: 1, maximumForce: 10 },
    muscles: [{ points: [path('world', 2, 2), path('mass', 0, 0)] }],
    ministeps: 4,
  },
  {
    effector: 'Custom',
    skeleton: { type: 'TwoDofArm' },
    muscle: 'Relu',
    muscleParameters: { maximumForce: 10 },
    muscles: [
      { polynomial: { constant: 0.2, linear: [0.03, 0], quadratic: [0, -0.002], offset: [1.5, 0] } },
      { polynomial: { constant: 0.1, linear: [0, 0.02] } },
    ],
  },
  { effector: 'Custom', skeleton: { type: 'PointMass' }, muscle: 'Relu', muscles: [{ momentArms: [1, 0], maximumForce: 3 }] },
];

const problemsOf = (input: unknown): readonly string[] => {
  try {
    createBody(input as EffectorInput);
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
};
const muscleValue = (body: Body, muscle: number, at: number) => body.table[bodyNumber.muscles + muscle * muscleStride + at];

test('a body written as JSON makes identical tables again, for every effector, muscle and kind of geometry', () => {
  for (const input of inputs) {
    const body = createBody(input);
    const again = createBody(JSON.parse(JSON.stringify(body)));
    assert.equal(again.layout, body.layout, JSON.stringify(input));
    assert.equal(again.table, body.table, JSON.stringify(input));
    assert.equal(JSON.stringify(again), JSON.stringify(body));
    assert.is(body.table.length, bodyTableLength(body.muscles, body.points));
  }
});

test('the six-muscle arm has its published numbers', () => {
  const body = createBody({ effector: 'RigidTendonArm26' });
  assert.equal(body.muscleNames, ['pectoralis', 'deltoid', 'brachioradialis', 'tricepslat', 'biceps', 'tricepslong']);
  assert.equal(
    [0, 1, 2, 3, 4, 5].map((m) => muscleValue(body, m, muscleNumber.maximumForce)),
    [838, 1207, 1422, 1549, 414, 603],
  );
  assert.equal([body.timeStep, body.skeleton, body.muscleRows.length, forceIndex(body)], [0.01, 'arm', 7, 6]);
  assert.ok(Math.abs((body.table[bodyNumber.a11] as number) - 0.31663907) < 1e-8);
  assert.ok(Math.abs((body.table[bodyNumber.b12] as number) - 0.07290855) < 1e-12);
  assert.equal(
    body.positionUpper.map((angle) => Math.round((angle * 180) / Math.PI)),
    [135, 155],
  );
});

test('each muscle has its own defaults', () => {
  const first = (muscle: (typeof muscleTypes)[number]) => {
    const body = createBody({ effector: 'RigidTendonArm26', muscle });
    const names = ['minimumActivation', 'activationTime', 'deactivationTime', 'slack', 'maximumVelocity', 'optimalLength'] as const;
    return names.map((name) => muscleValue(body, 0, muscleNumber[name]));
  };
  assert.equal(first('Relu'), [0, 0.015, 0.05, 0, 1, 1]);
  assert.equal(first('MujocoHill'), [0, 0.01, 0.04, 1.3, 1.5, 0.134]);
  assert.equal(first('RigidTendonHill'), [0.001, 0.015, 0.05, 1.4, 1.34, 0.134]);
  assert.equal(first('RigidTendonHillThelen'), [0.001, 0.015, 0.05, 1, 1.34, 0.134]);
  assert.equal(first('CompliantTendonHill'), [0.01, 0.015, 0.05, 1.4, 1.34, 0.134]);
});

test("compat: motornet gives the original's rk4, path velocities and defaults; without it they are corrected", () => {
  const words = (input: EffectorInput) => {
    const { layout, timeStep } = createBody(input);
    return [layout[bodyWord.integrator], layout[bodyWord.ministeps], layout[bodyWord.motornetPathVelocity], timeStep];
  };
  assert.equal(words({ ...custom, integrator: 'rk4' }), [integratorCode.rk4, 1, 0, 0.01]);
  assert.equal(words({ ...custom, integrator: 'rk4', compat: 'motornet' }), [integratorCode.rk4Motornet, 1, 1, 0.01]);
  assert.equal(words({ ...custom, integrator: 'rk4-motornet' }), [integratorCode.rk4Motornet, 1, 0, 0.01]);
  assert.equal(words({ effector: 'CompliantTendonArm26' }), [integratorCode.rk4, 25, 0, 0.01]);
  assert.equal(words({ effector: 'CompliantTendonArm26', timeStep: 0.002 }), [integratorCode.rk4, 5, 0, 0.002]);
  assert.equal(words({ effector: 'CompliantTendonArm26', compat: 'motornet' }), [integratorCode.rk4Motornet, 1, 1, 0.0002]);
});

test('numbers of a muscle come from itself, then from muscleParameters, then from defaults', () => {
  const body = createBody(custom);
  assert.equal(body.muscleNames, ['flexor', 'muscle_2']);
  const values = (name: keyof typeof muscleNumber) => [0, 1].map((m) => muscleValue(body, m, muscleNumber[name]));
  assert.equal(
    [values('maximumForce'), values('tendonLength'), values('slack')],
    [
      [800, 700],
      [0.04, 0.06],
      [1.3, 1.1],
    ],
  );
  assert.is(body.layout[bodyWord.geometry], geometryCode.paths);
  assert.equal(Array.from(body.layout.subarray(bodyWord.paths)), [0, 2, 4, 0, 1, 1, 2]);
});

test('muscles can be listed as data and as text', () => {
  const body = createBody(custom);
  assert.equal(
    describeMuscles(body).map(({ name, numbers, points }) => [name, numbers.maximumForce, points?.length]),
    [
      ['flexor', 800, 2],
      ['muscle_2', 700, 2],
    ],
  );
  assert.is(muscleText(body), 'flexor: world (-0.15, 0.03) → upperArm (0.1, 0.02); 800 N\nmuscle_2: upperArm (0.16, 0.01) → forearm (0.05, 0.02); 700 N');
  assert.match(muscleText(createBody({ effector: 'RigidTendonArm26' })), 'biceps: length 0.3329 − 0.03 (q1 − 1.571) − 0.016 q2 − 0.0057 q2² m; 414 N');
  assert.match(muscleText(createBody({ effector: 'Reacher' })), 'sf: moment arms -1, 0 m; 1000 N');
});

test('numbers that must be positive are refused, all at once, each with its path', () => {
  const problems = problemsOf({
    effector: 'RigidTendonArm26',
    timeStep: 0,
    ministeps: 0.5,
    damping: -1,
    skeleton: { type: 'TwoDofArm', mass1: 0, length2: -0.3, inertia1: Number.NaN },
    muscleParameters: {
      maximumForce: [1, 2, 0, 4, 5, 6],
      activationTime: -0.01,
      deactivationTime: 0,
      tendonLength: Number.POSITIVE_INFINITY,
      optimalLength: 0,
    },
  });
  const paths = problems.map((text) => text.slice(0, text.indexOf(':')));
  assert.equal(new Set(paths).size, paths.length);
  for (const expected of [
    'timeStep',
    'ministeps',
    'damping',
    'skeleton.mass1',
    'skeleton.length2',
    'skeleton.inertia1',
    'muscleParameters.maximumForce.2',
    'muscleParameters.activationTime',
    'muscleParameters.deactivationTime',
    'muscleParameters.tendonLength',
    'muscleParameters.optimalLength',
  ])
    assert.ok(paths.includes(expected), `${expected} in ${paths.join(', ')}`);
  assert.is(paths.length, 11);
});

test('limits the wrong way round, unknown options and lists of the wrong length are refused', () => {
  assert.equal(problemsOf({ effector: 'RigidTendonArm26', positionLower: [2.5, 0] }), [
    'positionLower.0: expected less than positionUpper (2.356194490192345), got 2.5; swap the limits',
  ]);
  assert.equal(problemsOf({ effector: 'ReluPointMass24', velocityLower: 5, velocityUpper: 5 }), [
    'velocityUpper: expected more than velocityLower (5), got 5; swap the limits',
  ]);
  assert.equal(problemsOf({ effector: 'RigidTendonArm26', dampin: 1 })[0]?.includes('did you mean damping?'), true);
  assert.equal(problemsOf({ effector: 'Reacher', muscleParameters: { maximumForce: [1, 2] } }), [
    'muscleParameters.maximumForce: expected 4 numbers, one a muscle, got [1, 2]',
  ]);
  assert.match(problemsOf({ effector: 'Arm26' })[0] as string, /one of ReluPointMass24, .*RigidTendonArm26/);
  assert.match(problemsOf({ effector: 'RigidTendonArm26', muscle: 'mujocoHill' })[0] as string, /did you mean MujocoHill/);
  assert.match(problemsOf('Reacher')[0] as string, /expected an effector/);
  assert.match(problemsOf(JSON.parse('{"effector":"Reacher","__proto__":{"damping":1}}'))[0] as string, /reserved key/);
});

test('numbers that a muscle type lacks or needs are named', () => {
  assert.equal(problemsOf({ effector: 'FreePointMass24', muscle: 'RigidTendonHill', muscleParameters: { tendonLength: 0.1 } }), [
    'muscleParameters.optimalLength: expected a number, which RigidTendonHill needs, got nothing; FreePointMass24 has no default',
  ]);
  assert.equal(problemsOf({ effector: 'RigidTendonArm26', muscle: 'Relu', muscleParameters: { maximumVelocity: 2 } }), [
    'muscleParameters.maximumVelocity: expected a number of Relu, got 2; only MujocoHill has it: remove it',
  ]);
  assert.is(problemsOf({ effector: 'RigidTendonArm26', muscleParameters: { minimumLength: 0.95, maximumLength: 1, maximumForceVelocity: 1 } }).length, 3);
  assert.is(problemsOf({ effector: 'RigidTendonArm26', muscle: 'RigidTendonHill', muscleParameters: { slack: 1.66 } }).length, 1);
});

test('muscles with too few points, on unknown bodies, without length, without geometry or with two are refused together', () => {
  const problems = problemsOf({
    effector: 'Custom',
    skeleton: { type: 'TwoDofArm' },
    muscle: 'Relu',
    muscleParameters: { maximumForce: 10 },
    muscles: [
      { name: 'short', points: [path('world', 0, 0)] },
      { name: 'lost', points: [path('world', 0, 0), { body: 'hand', at: [0, 0] }] },
      { name: 'mass', points: [path('world', 0, 0), path('mass', 0, 1)] },
      { name: 'still', points: [path('upperArm', 0.1, 0), path('upperArm', 0.1, 0)] },
      { name: 'none' },
      { name: 'both', points: [path('world', 0, 0), path('upperArm', 0.1, 0)], momentArms: [1, 1] },
      { name: 'short', momentArms: [1, 1] },
      { name: 'wrong', points: [path('world', 0, 0), { body: 'forearm', at: [0.1] }] },
    ],
  });
  const text = problems.join('\n');
  for (const expected of [
    'muscles.0.points: expected at least two points, got 1',
    'muscles.1.points.1.body: expected one of world, upperArm, forearm, mass, got "hand"',
    'muscles.2.points.1.body: expected one of world, upperArm, forearm, got "mass"; a TwoDofArm has no mass',
    'muscles.3.points.1: expected another place than the point before',
    'muscles.4: expected exactly one of points, polynomial, momentArms, got none',
    'muscles.5: expected exactly one of points, polynomial, momentArms, got points and momentArms',
    'muscles.6: expected points, as in the muscles before, got momentArms',
    'muscles.6.name: expected a name of its own, got "short"',
    'muscles.7.points.1.at',
  ])
    assert.ok(text.includes(expected), `${expected}\nin\n${text}`);
  assert.is(problems.length, 9);
});

test('a skeleton that does not fit the muscles of an effector is refused; one that fits stands in', () => {
  assert.match(problemsOf({ effector: 'RigidTendonArm26', skeleton: { type: 'PointMass' } })[0] as string, 'skeleton.type: expected TwoDofArm');
  assert.is(createBody({ effector: 'Reacher', skeleton: { type: 'PointMass', mass: 3 } }).table[bodyNumber.mass], 3);
});

test.run();
