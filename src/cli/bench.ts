// motorloop bench: how fast training steps, bodies, single kernels, searches for fixed points and analyses are here, as a share of what the processor can do.
import type { Command } from 'commander';
import { openAnalysis } from '../analysis/open-analysis.js';
import { sampleStates } from '../analysis/fixed-points/sample.js';
import { ConfigError } from '../errors.js';
import { type BenchName, type BenchOptions, bench } from '../jobs/bench/index.js';
import { benchTasks } from '../jobs/bench/bench-tasks.js';
import { threeBitCells } from '../jobs/bench/three-bit-network.js';
import { benchCells } from '../jobs/bench/train-step.js';
import { openBackend } from '../jobs/open-backend.js';
import { nodeStorage } from '../platform/node.js';
import { benchInChromium } from './bench-chromium.js';
import { registerSuite } from './bench-suite.js';
import { action, type CommandContext, type CommonOptions, command, list, place, type Place, wholeNumber } from './shared.js';

export function register(program: Command): void {
  const parent = program
    .command('bench')
    .description('measures training steps, bodies, kernels, searches for fixed points and analyses, checked against the reference before they are timed');
  add(parent, 'train-step', 'times one training step: forward, loss, backward, clipping, Adam, and the read that tells the loss', 10)
    .option('--task <name>', `${benchTasks.join(', ')} (a decoupled task for a network of the size of reach)`, 'flipflop')
    .option('--model <cell>', benchCells.join(', '), 'gru')
    .option('--hidden <n>', 'hidden units (default 128; node: the state size, 3)', wholeNumber(1))
    .option('--layers <widths>', 'widths of the hidden layers of a node (default 64,64)', (text) => text.split(',').map(wholeNumber(1)))
    .option('--batch <n>', 'trials of one step', wholeNumber(1), 800)
    .option('--steps <n>', 'time steps of a trial', wholeNumber(6), 100)
    .option('--micro-batch-bytes <n>', 'bound of the activation cache (default: that of training)', wholeNumber(1));
  add(parent, 'physics', 'times a body under random actions: forward only, every state written to memory', 50)
    .option('--effector <name>', 'RigidTendonArm26, CompliantTendonArm26, Reacher, ReluPointMass24 or FreePointMass24', 'RigidTendonArm26')
    .option(
      '--muscle <name>',
      'Relu, MujocoHill, RigidTendonHill, RigidTendonHillThelen; names with Muscle do too (default: MujocoHill where there is a choice)',
    )
    .option('--integration <name>', 'euler, rk4 or rk4-motornet', 'euler')
    .option('--batch <n>', 'trials', wholeNumber(1), 256)
    .option('--steps <n>', 'time steps of a trial', wholeNumber(1), 100);
  add(parent, 'kernels', 'times single kernels', 20).option('--kernel <name>', 'only this kernel; may be repeated', list);
  add(parent, 'fixed-points', 'times a search for fixed points to speeds below 1e-20, with Jacobians and eigenvalues of the distinct points', 3)
    .option('--model <cell>', `${threeBitCells.join(', ')}: a network made to hold three bits`, 'gru')
    .option('--hidden <n>', 'hidden units of that network', wholeNumber(6), 128)
    .option('--starts <n>', 'starts of the search', wholeNumber(1), 1024)
    .option('--run <dir>', 'a trained network instead: a run, or an experiment of one run; starts are samples of its trajectories');
  add(parent, 'analysis', 'times principal components and affine R² of latents in memory, and tangling of 20 conditions', 5)
    .option('--what <name>', 'only pca, affine-r2 or tangling; may be repeated', list)
    .option('--trials <n>', 'trials of the latents', wholeNumber(2), 1000)
    .option('--steps <n>', 'time steps of a trial', wholeNumber(2), 500)
    .option('--hidden <n>', 'units', wholeNumber(1), 128);
  registerSuite(parent);
}

/** A benchmark with the options that all of them take. */
function add<N extends BenchName>(parent: Command, name: N, description: string, repeats: number): Command {
  return command(parent, name, description)
    .option('--repeats <n>', 'timed runs of each', wholeNumber(1), repeats)
    .option('--backend <name>', 'wasm, webgpu or reference; may be repeated (default: wasm)', list)
    .option('--variant <name>', 'simd or relaxed (default: each in turn)')
    .option('--threads <n>', 'threads (default: 1, then all cores)', wholeNumber(1))
    .option('--in <where>', 'node, or chromium: in a worker of a headless browser', place, 'node')
    .action(
      action(async ({ in: where, ...options }: CommonOptions & BenchOptions[N] & { readonly in: Place }, context: CommandContext) => {
        const chosen = (await withNetwork(name, options, where)) as unknown as BenchOptions[N];
        await context.result(await (where === 'node' ? bench(name, chosen, context) : benchInChromium(name, chosen, context)));
      }),
    );
}

/** The options of `bench fixed-points --run DIR` with the network that lies there; others as they are. Throws ConfigError for --run in a browser, which reads no files. */
async function withNetwork(name: BenchName, options: object, where: Place): Promise<object> {
  const { run, ...rest } = options as { readonly run?: string; readonly starts: number };
  if (name !== 'fixed-points' || run === undefined) return options;
  if (where !== 'node') throw new ConfigError('bench fixed-points', ['--run: expected --in node with it, got --in chromium']);
  const backend = await openBackend('wasm', {});
  try {
    const analysis = await openAnalysis(nodeStorage(run), { backend, data: { trials: runTrials } });
    const trajectories = await analysis.getStates('all');
    const { states } = sampleStates(trajectories, { count: rest.starts, seed: 0, noise: 0 });
    return { ...rest, network: { name: run, model: analysis.model, parameters: analysis.parameters, starts: states } };
  } finally {
    await backend.dispose();
  }
}
/** Trials of a run that starts are drawn from. */
const runTrials = 200;
