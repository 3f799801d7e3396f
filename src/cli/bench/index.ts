// motorloop bench: how fast training steps, bodies and single kernels are here, as a share of what the processor can do.
import type { Command } from 'commander';
import { register as registerKernels } from './kernels.js';
import { register as registerPhysics } from './physics.js';
import { register as registerTrainStep } from './train-step.js';

export function register(program: Command): void {
  const bench = program.command('bench').description('measures training steps, bodies and kernels, checked against the reference before they are timed');
  registerTrainStep(bench);
  registerPhysics(bench);
  registerKernels(bench);
}
