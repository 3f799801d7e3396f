// Senses: delays in seconds become frames, deviations fit the body, and every mistake is named with its path.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBody } from '../../src/arm/create-body.js';
import { createPlant, delayFrames, type PlantInput, sensorInputOf } from '../../src/arm/create-plant.js';
import { observationSize } from '../../src/arm/plant.js';
import { ConfigError } from '../../src/errors.js';

const arm = { effector: 'RigidTendonArm26' } as const;
const problemsOf = (input: unknown): readonly string[] => {
  try {
    createPlant(input as PlantInput);
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
};

test('every multiple of the time step is a delay, also those that division in binary misses', () => {
  for (const timeStep of [0.01, 0.005, 0.002, 0.001, 0.0002, 0.03]) {
    for (let frames = 1; frames <= 120; frames++)
      assert.is(delayFrames(Number((frames * timeStep).toPrecision(12)), timeStep), frames, `${frames} × ${timeStep}`);
  }
  assert.equal(
    [0.29, 0.57, 0.58].map((delay) => delayFrames(delay, 0.01)),
    [29, 57, 58],
  );
  assert.is(delayFrames(0, 0.01), 1);
  assert.equal(
    [0.015, 0.005, 0.0100001, 0.0299].map((delay) => delayFrames(delay, 0.01)),
    [null, null, null, null],
  );
});

test('without options there is no delay, no noise and no earlier action', () => {
  const plant = createPlant({ effector: arm });
  assert.equal(plant.sensors, {
    visionDelay: 1,
    proprioceptionDelay: 1,
    visionNoise: 0,
    proprioceptionNoise: 0,
    actionNoise: 0,
    observationNoise: 0,
    actionFrames: 0,
    sensoryNoise: 'independent',
  });
  assert.equal([plant.leadingInputs, observationSize(plant)], [0, 14]);
});

test('a body may be handed over ready made; senses in seconds are found again', () => {
  const body = createBody(arm);
  const sensors = {
    visionDelay: 0.07,
    proprioceptionDelay: 0.02,
    visionNoise: [0.01, 0.02],
    actionNoise: 0.1,
    actionFrames: 2,
    sensoryNoise: 'shared',
  } as const;
  const plant = createPlant({ effector: body, sensors: { ...sensors, visionNoise: [0.01, 0.02] }, leadingInputs: 2 });
  assert.is(plant.body, body);
  assert.equal([plant.sensors.visionDelay, plant.sensors.proprioceptionDelay, observationSize(plant)], [7, 2, 26]);
  assert.equal(sensorInputOf(plant), { proprioceptionNoise: 0, observationNoise: 0, ...sensors });
  assert.equal(createPlant({ effector: body, sensors: sensorInputOf(plant), leadingInputs: 2 }), plant);
});

test('mistakes of body and senses are named together', () => {
  assert.equal(problemsOf({ effector: { ...arm, damping: -1 }, sensors: { visionDelay: 0.015, actionNoise: -1 }, leadingInputs: 0.5 }), [
    'effector.damping: expected a number of at least 0, got -1',
    'sensors.actionNoise: expected a number of at least 0 or a list of at least 1, got -1',
    'leadingInputs: expected a whole number of at least 0, got 0.5',
  ]);
  assert.equal(
    problemsOf({
      effector: arm,
      sensors: {
        visionDelay: 0.015,
        proprioceptionDelay: 1e9,
        visionNoise: [1, 1, 1],
        proprioceptionNoise: [1],
        actionNoise: [1, 2],
        observationNoise: [1],
        actionFrames: 1,
      },
    }),
    [
      'sensors.visionDelay: expected a multiple of the time step, 0.01 s, got 0.015; the nearest is 0.02',
      'sensors.proprioceptionDelay: expected at most 100000 time steps, got 1000000000',
      'sensors.visionNoise: expected one number or 2, got [1, 1, 1]; one a feature, in the order of the observation',
      'sensors.proprioceptionNoise: expected one number or 12, got [1]; one a feature, in the order of the observation',
      'sensors.actionNoise: expected one number or 6, got [1, 2]; one a feature, in the order of the observation',
      'sensors.observationNoise: expected one number or 20, got [1]; one a feature, in the order of the observation',
    ],
  );
  assert.match(
    problemsOf({ effector: arm, sensors: { visionDelay: Number.NaN } })[0] as string,
    /sensors.visionDelay: expected a number of at least 0, got NaN/,
  );
  assert.match(problemsOf({ effector: arm, sensors: { visonDelay: 0.01 } })[0] as string, /did you mean visionDelay/);
  assert.match(problemsOf({ effector: null })[0] as string, /^effector: expected an effector/);
  assert.match(problemsOf({ effector: arm, sensors: 3 })[0] as string, /^sensors: expected an object, got 3/);
  assert.match(problemsOf({ effector: arm, sensors: null })[0] as string, /^sensors: expected an object, got null/);
});

test.run();
