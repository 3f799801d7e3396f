// Environments for tests: bodies, noise, and what a test asks of any of them.
import * as assert from 'uvu/assert';
import { Environment, type EnvironmentConfig, type Numbers, type StepInfo } from '../../src/arm/environment.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { ConfigError } from '../../src/errors.js';

export const reference = createReferenceBackend();
export const arm = { effector: 'RigidTendonArm26' } as const;
export const mass = { effector: 'ReluPointMass24' } as const;
export const noisy = { visionNoise: 0.01, proprioceptionNoise: 0.02, actionNoise: 0.03, observationNoise: 0.04 };

/** Runs `body` with an environment that is disposed afterwards. */
export async function within<Result>(
  config: EnvironmentConfig,
  body: (environment: Environment) => Promise<Result> | Result,
  backend = reference,
): Promise<Result> {
  const environment = new Environment({ backend, ...config });
  try {
    return await body(environment);
  } finally {
    environment.dispose();
  }
}

/** The problems that a ConfigError lists; none where nothing is thrown. */
export const problemsOf = async (act: () => unknown): Promise<readonly string[]> => {
  try {
    await act();
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
};

/** Normalised lengths, then velocities, of one trial as MuJoCo-Hill muscles of the arm report them. */
export function felt(info: StepInfo<Numbers>, trial = 0): number[] {
  const optimal = [0.134, 0.14, 0.092, 0.093, 0.137, 0.127];
  const row = (at: number) => Array.from(info.states.muscle.slice((trial * 7 + at) * 6, (trial * 7 + at + 1) * 6));
  return [...row(1).map((length, m) => length / (optimal[m] as number)), ...row(2).map((velocity) => velocity / 1.5)];
}
