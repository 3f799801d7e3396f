// What a suite measures: training steps, closed loops, bodies, searches, the optimiser, kernels, and series that show how time and memory scale.
import type { ScalingVariable, SuiteGroup } from '../../runs/bench-result.js';
import { benchTasks } from './bench-tasks.js';
import { type FixedPointsCase, fixedPointsCase, madeNetwork, searchFlops } from './fixed-points.js';
import { type BenchCase, kernelCases } from './kernel-cases.js';
import { kernelCase } from './kernels.js';
import type { Timeable } from './measure.js';
import { physicsCase } from './physics.js';
import { type OpenedTrainStep, trainStepCase } from './train-step.js';

/** One thing to time on every configuration. */
export interface SuiteItem extends Timeable {
  readonly group: SuiteGroup;
  readonly label: string;
  readonly sizes: {
    readonly kernel?: string;
    readonly task?: string;
    readonly model?: string;
    readonly hiddenSize?: number;
    readonly batchSize?: number;
    readonly steps?: number;
  };
  readonly flops: number | null;
  readonly trialSteps: number | null;
  /** Bytes that move if every array moves once; found out when it is open where it depends on the backend. */
  readonly bytes: number | null | ((opened: OpenedTrainStep) => number);
  /** f64: half as many in a vector. */
  readonly doublePrecision?: boolean;
  readonly scaling: { readonly variable: ScalingVariable; readonly value: number } | null;
  /** How many times the work of its check: what a run will take is known before it is tried. */
  readonly workOfCheck: number;
  /** Share of the time, relative to other items. */
  readonly weight: number;
}

/** Trials and steps of the checks of rollouts and bodies. */
const checkedTrialSteps = 8 * 20;

interface Network {
  readonly task?: string;
  readonly model: string;
  readonly hidden?: number;
  readonly batch: number;
  readonly steps?: number;
}

/** A training step as an item. */
export function trainingItem(
  group: SuiteGroup,
  { task = 'flipflop', model, hidden, batch, steps = 100 }: Network,
  more: { weight?: number; scaling?: SuiteItem['scaling'] } = {},
): SuiteItem {
  const timed = trainStepCase({ task, model, ...(hidden === undefined ? {} : { hidden }), batch, steps });
  const { hiddenSize } = timed.model;
  return {
    ...timed,
    group,
    label: `${task} ${model}-${hiddenSize}, ${batch} × ${steps}`,
    sizes: { task, model, hiddenSize, batchSize: batch, steps },
    flops: 3 * timed.model.forwardFlops * batch * steps,
    trialSteps: batch * steps,
    bytes: ({ bytesMoved }) => bytesMoved,
    scaling: more.scaling ?? null,
    workOfCheck: (batch * steps) / Math.min(checkedTrialSteps, Math.min(batch, 8) * Math.min(steps, 20)),
    weight: more.weight ?? 2,
  };
}

function physicsItem(batch: number, integration: string, effector = 'RigidTendonArm26', muscle?: string): SuiteItem {
  const steps = 100;
  const name = muscle ? `${effector} ${muscle}` : effector;
  return {
    ...physicsCase({ effector, ...(muscle ? { muscle } : {}), integration, batch, steps }),
    group: 'physics',
    label: `${name}, ${integration}, ${batch} × ${steps}`,
    sizes: { task: effector, batchSize: batch, steps },
    flops: null,
    trialSteps: batch * steps,
    bytes: null,
    scaling: null,
    workOfCheck: (batch * steps) / checkedTrialSteps,
    weight: 1.5,
  };
}

/** The operations are those of the last search: how many steps it takes is not known before. */
function fixedPointsItem(hidden: number, starts: number): SuiteItem & { flopsFound(): number | null } {
  const timed: FixedPointsCase = fixedPointsCase(madeNetwork({ model: 'gru', hidden, starts }));
  let flops: number | null = null;
  return {
    check: timed.check,
    async open(backend) {
      const opened = await timed.open(backend);
      return {
        ...opened,
        async run() {
          flops = searchFlops(timed.network, await opened.run());
        },
      };
    },
    flopsFound: () => flops,
    group: 'fixed points',
    label: `gru-${hidden}, ${starts} starts`,
    sizes: { model: 'gru', hiddenSize: hidden, batchSize: starts },
    flops: null,
    trialSteps: null,
    bytes: null,
    doublePrecision: true,
    scaling: null,
    workOfCheck: starts / 64,
    weight: 3,
  };
}

/** Kernels of the optimiser, which have a group of their own. */
const optimiserKernels = ['optimizer_step', 'gradient_norm', 'squared_error_loss'];

function kernelItems(quick: boolean): SuiteItem[] {
  const small = kernelCases(true);
  return kernelCases(false).flatMap((item, i) => {
    const rare = /tiny|rnn|driscoll/.test(item.shape);
    if (quick && rare) return [];
    const checked = small[i] as BenchCase;
    return {
      ...kernelCase(item, checked),
      group: optimiserKernels.includes(item.kernel) ? 'optimiser' : 'kernels',
      label: `${item.kernel}, ${item.shape}`,
      sizes: { kernel: item.kernel },
      flops: item.flops,
      trialSteps: null,
      bytes: item.bytes,
      scaling: null,
      // matrix products grow faster than their arrays
      workOfCheck: item.flops && checked.flops ? item.flops / checked.flops : item.bytes / checked.bytes,
      weight: 1,
    } satisfies SuiteItem;
  });
}

/** Sizes that vary one at a time around a GRU of 64 units on 32 trials of 50 steps of the flip-flop. */
const series = {
  quick: { batch: [8, 32, 128, 512], steps: [12, 25, 50, 100, 200], hidden: [16, 32, 64, 128, 256] },
  full: { batch: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], steps: [12, 25, 50, 100, 200, 400, 800], hidden: [8, 16, 32, 64, 128, 256, 512] },
} as const;

const middle = { model: 'gru', hidden: 64, batch: 32, steps: 50 };

/** The training step that threads share. */
export const threadsItem = (threads: number): SuiteItem =>
  trainingItem('scaling', { model: 'gru', hidden: 128, batch: 256, steps: 50 }, { scaling: { variable: 'threads', value: threads }, weight: 1.5 });

function scalingItems(quick: boolean): SuiteItem[] {
  const { batch, steps, hidden } = series[quick ? 'quick' : 'full'];
  const item = (variable: ScalingVariable, value: number) =>
    trainingItem('scaling', { ...middle, [variable]: value }, { scaling: { variable, value }, weight: quick ? 0.8 : 1 });
  return [...batch.map((value) => item('batch', value)), ...steps.map((value) => item('steps', value)), ...hidden.map((value) => item('hidden', value))];
}

/** The first training step on a backend that has just started: the one in the middle of the series. */
export const firstStepItem = (): SuiteItem => trainingItem('start-up', middle);

/** Everything, in order; `quick` leaves out what others tell, too. */
export function suiteItems(quick: boolean): SuiteItem[] {
  const cells = ['gru', 'lstm', 'rnn', 'node', 'driscoll'];
  const known = (task: string) => (benchTasks as readonly string[]).includes(task);
  const training = [
    ...cells.map((model) => trainingItem('training', { model, batch: 32 })),
    trainingItem('training', { model: 'gru', batch: 256 }, { weight: 3 }),
    ...(known('multitask') ? [trainingItem('training', { task: 'multitask', model: 'driscoll', batch: 32 })] : []),
    ...(quick
      ? []
      : [
          ...['gru', 'lstm', 'node'].map((model) => trainingItem('training', { model, batch: 800 }, { weight: 4 })),
          ...[64, 256].map((hidden) => trainingItem('training', { model: 'gru', hidden, batch: 32 })),
          trainingItem('training', { model: 'gru', batch: 32, steps: 500 }, { weight: 3 }),
          trainingItem('training', { task: 'decoupled-reach', model: 'gru', batch: 256 }, { weight: 3 }),
        ]),
  ];
  const loops = [
    trainingItem('closed loop', { task: 'reach', model: 'gru', batch: 32 }),
    trainingItem('closed loop', { task: 'reach', model: 'gru', batch: 256 }, { weight: 3 }),
    ...(quick
      ? []
      : [
          trainingItem('closed loop', { task: 'reach', model: 'gru', batch: 1000 }, { weight: 5 }),
          trainingItem('closed loop', { task: 'reach', model: 'gru', hidden: 256, batch: 128, steps: 200 }, { weight: 5 }),
        ]),
  ];
  const bodies = [
    physicsItem(256, 'euler', 'RigidTendonArm26', 'MujocoHill'),
    ...(quick
      ? []
      : [
          physicsItem(1024, 'euler', 'RigidTendonArm26', 'MujocoHill'),
          physicsItem(256, 'rk4', 'RigidTendonArm26', 'MujocoHill'),
          physicsItem(256, 'euler', 'RigidTendonArm26', 'RigidTendonHill'),
          physicsItem(256, 'rk4', 'CompliantTendonArm26'),
          physicsItem(256, 'euler', 'ReluPointMass24'),
        ]),
  ];
  const searches = quick ? [fixedPointsItem(64, 128)] : [fixedPointsItem(64, 256), fixedPointsItem(128, 1024)];
  const kernels = kernelItems(quick);
  return [...training, ...loops, ...bodies, ...searches, ...kernels, ...scalingItems(quick)];
}

/** Operations of an item, once it has run. */
export function flopsOf(item: SuiteItem): number | null {
  return 'flopsFound' in item ? (item as ReturnType<typeof fixedPointsItem>).flopsFound() : item.flops;
}
