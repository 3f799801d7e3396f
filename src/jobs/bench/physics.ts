// motorloop bench physics: a body under given actions, forward only, with joint, muscle and end-point state of every step written to memory.
import type { Body } from '../../arm/body.js';
import { createBody } from '../../arm/create-body.js';
import type { EffectorInput } from '../../arm/options.js';
import type { Backend, BufferHandle, KernelArgument, KernelCall, TensorData } from '../../backends/backend.js';
import { bodyWord, muscleRowCount } from '../../backends/body-layout.js';
import { NumericsError } from '../../errors.js';
import { fillUniform, randomKey } from '../../random.js';
import type { JobContext } from '../context.js';
import { type Ceiling, ceilingMethod, measureCeiling } from './ceiling.js';
import {
  type BenchResult,
  configurations,
  type MeasureOptions,
  measuredOn,
  type MeasuredOn,
  onReference,
  type Timeable,
  type Timing,
  time,
  withBackend,
} from './measure.js';
import { printRows } from './print.js';

export interface PhysicsOptions extends MeasureOptions {
  readonly effector: string;
  readonly muscle?: string;
  readonly integration: string;
  readonly batch: number;
  readonly steps: number;
}

interface Row extends MeasuredOn, Timing {
  readonly bench: 'physics';
  /** The effector, its muscle and its integrator. */
  readonly task: string;
  readonly muscle: string;
  readonly integration: string;
  readonly model: null;
  readonly hiddenSize: null;
  readonly batchSize: number;
  readonly steps: number;
  /** A step has no agreed number of operations: it is made of branches and divisions. */
  readonly gflops: null;
  readonly trialStepsPerSecond: number;
  readonly ceilingGflops: number | null;
  readonly share: null;
  readonly checked: boolean;
  readonly checkedDeviation: number;
}

const kernel = 'effector_rollout_forward';
/** Sizes of the check against the reference, and the deviation of each output, relative to its largest number, that f32 explains. */
const checkTrials = 8;
const checkSteps = 20;
const checkBound = 1e-3;

export async function physics(options: PhysicsOptions, context: JobContext): Promise<BenchResult> {
  const machine = await context.host.machine();
  const body = bodyOf(options);
  const timed = physicsCase(options);
  const ceilings: Ceiling[] = [];
  const rows: Row[] = [];
  for (const configuration of await configurations(options)) {
    context.progress.update(`${configuration.backend} ${configuration.variant}, ${configuration.threads} threads`);
    await withBackend(configuration, async (backend) => {
      const deviation = await timed.check(backend);
      const ceiling = await measureCeiling(backend);
      if (ceiling) ceilings.push(ceiling);
      rows.push(await measure(backend, body, timed, options, ceiling, deviation, context.signal));
    });
  }
  printRows(
    context,
    rows.map((row) => [row, `${row.task}, ${row.batchSize} × ${row.steps}: ${(row.trialStepsPerSecond / 1e6).toPrecision(3)} million trial-steps/s`]),
  );
  return { machine, ceiling: { method: ceilingMethod, measured: ceilings }, rows };
}

/** Effectors that come with their muscle. */
const muscleGiven = ['ReluPointMass24', 'CompliantTendonArm26'];

/** The body asked for; createBody names what it does not know. */
function bodyOf({ effector, muscle, integration }: Parameters<typeof physicsCase>[0]): Body {
  const chosen = muscle?.replace('Muscle', '') ?? (muscleGiven.includes(effector) ? undefined : 'MujocoHill');
  return createBody({ effector, integrator: integration, ...(chosen === undefined ? {} : { muscle: chosen }) } as EffectorInput);
}

/** A call with its arguments on a backend. */
interface Prepared {
  readonly call: KernelCall;
  readonly outputs: readonly KernelArgument[];
  readonly buffers: readonly BufferHandle[];
}

function uniform(length: number, purpose: string): Float32Array {
  const values = new Float32Array(length);
  fillUniform(values, randomKey(0, `bench physics ${purpose}`), 0);
  return values;
}

/** Trials that start at rest in the middle half of the joints' range, under uniform random actions. */
function prepare(backend: Backend, body: Body, trials: number, steps: number): Prepared {
  const buffers: BufferHandle[] = [];
  const argument = (shape: readonly number[], data?: ArrayLike<number>, dtype: 'f32' | 'i32' = 'f32'): KernelArgument => {
    const buffer = backend.allocate(
      shape.reduce((product, n) => product * n, 1),
      dtype,
    );
    buffers.push(buffer);
    if (data) backend.write(buffer, data);
    return { buffer, shape, dtype };
  };
  const { positionLower: lower, positionUpper: upper, muscles } = body;
  const place = uniform(2 * trials, 'joint');
  const joint0 = Float32Array.from({ length: 4 * trials }, (_, k) => {
    const j = k & 3;
    return j > 1 ? 0 : (lower[j] as number) + (0.25 + 0.5 * (place[2 * (k >> 2) + j] as number)) * ((upper[j] as number) - (lower[j] as number));
  });
  const rows = muscleRowCount(body.layout[bodyWord.muscle] as number);
  const states = steps + 1;
  const outputs = {
    joint: argument([trials, states, 4]),
    muscle: argument([trials, states, rows, muscles]),
    cartesian: argument([trials, states, 4]),
  };
  const args: Record<string, KernelArgument | null> = {
    body_layout: argument([body.layout.length], body.layout, 'i32'),
    body: argument([body.table.length], body.table),
    joint0: argument([trials, 4], joint0),
    actions: argument([trials, steps, muscles], uniform(trials * steps * muscles, 'action')),
    ...outputs,
  };
  args['scratch'] = argument([backend.scratchLength(kernel, 'scratch', { args })]);
  return { call: { args }, outputs: Object.values(outputs), buffers };
}

/** A body to move. Throws ConfigError for one that does not exist. */
export function physicsCase(options: Omit<PhysicsOptions, keyof MeasureOptions>): Timeable {
  const body = bodyOf(options);
  const { batch, steps } = options;
  const once = async (on: Backend): Promise<TensorData[]> => {
    const { call, outputs, buffers } = prepare(on, body, Math.min(batch, checkTrials), Math.min(steps, checkSteps));
    try {
      on.run(kernel, call);
      return await Promise.all(outputs.map(({ buffer }) => on.read(buffer)));
    } finally {
      for (const buffer of buffers) on.free(buffer);
    }
  };
  const expected = onReference(once);
  return {
    async check(backend) {
      return deviationOf(backend, await once(backend), await expected());
    },
    async open(backend) {
      const { call, buffers } = prepare(backend, body, batch, steps);
      const run = async () => {
        backend.run(kernel, call);
        await backend.finish();
      };
      const memoryBytes = buffers.reduce((sum, { length }) => sum + 4 * length, 0);
      return { run, memoryBytes, dispose: () => buffers.forEach((buffer) => backend.free(buffer)) };
    },
  };
}

/** Largest deviation of an output from the reference's, relative to its largest number. Throws when f32 does not explain it. */
function deviationOf(backend: Backend, actual: readonly TensorData[], expected: readonly TensorData[]): number {
  const deviation = Math.max(...expected.map((values, i) => relativeDeviation(actual[i] as TensorData, values)));
  if (!(deviation <= checkBound)) {
    throw new NumericsError(
      `bench physics: expected the ${backend.description.variant} states within ${checkBound} of the reference, got a deviation of ${deviation}; please report this`,
    );
  }
  return deviation;
}

function relativeDeviation(actual: TensorData, expected: TensorData): number {
  let [worst, largest] = [0, 0];
  expected.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - (actual[i] as number)));
    largest = Math.max(largest, Math.abs(value));
  });
  return worst / largest;
}

async function measure(
  backend: Backend,
  body: Body,
  timed: Timeable,
  { batch, steps, repeats }: PhysicsOptions,
  ceiling: Ceiling | null,
  deviation: number,
  signal: AbortSignal,
): Promise<Row> {
  const opened = await timed.open(backend);
  try {
    const timing = await time(opened.run, repeats, signal);
    return {
      bench: 'physics',
      ...measuredOn(backend),
      task: body.name,
      muscle: 'muscle' in body.options ? String(body.options.muscle) : '',
      integration: String(body.options.integrator),
      model: null,
      hiddenSize: null,
      batchSize: batch,
      steps,
      ...timing,
      gflops: null,
      trialStepsPerSecond: (batch * steps) / timing.medianSeconds,
      ceilingGflops: ceiling?.gflops ?? null,
      share: null,
      checked: true,
      checkedDeviation: deviation,
    };
  } finally {
    await opened.dispose();
  }
}
