// motorloop bench analysis: principal components and affine R² of latents in memory, tangling of trajectories, each checked against the host in f64.
import type { TrialArray } from '../../analysis/analysis.js';
import { tangling, tanglingRecipes } from '../../analysis/geometry/tangling.js';
import { stateR2 } from '../../analysis/similarity/state-r2.js';
import { pcaOfTrials } from '../../analysis/trial-pca.js';
import { splitTrials } from '../../analysis/trials.js';
import type { Backend } from '../../backends/backend.js';
import { ConfigError, NumericsError } from '../../errors.js';
import { fillNormal, randomKey } from '../../random.js';
import type { JobContext } from '../context.js';
import { type Ceiling, ceilingMethod, measureCeiling } from './ceiling.js';
import { type BenchResult, configurations, type MeasureOptions, measuredOn, type MeasuredOn, type Timing, time, withBackend } from './measure.js';
import { printRows } from './print.js';

export interface AnalysisOptions extends MeasureOptions {
  /** Only these; default all. */
  readonly what?: readonly string[];
  readonly trials: number;
  readonly steps: number;
  readonly hidden: number;
}

interface Row extends MeasuredOn, Timing {
  readonly bench: 'analysis';
  /** What is computed. */
  readonly task: string;
  readonly model: null;
  readonly hiddenSize: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly gflops: number;
  readonly trialStepsPerSecond: number;
  readonly ceilingGflops: number | null;
  readonly share: number | null;
  readonly checked: boolean;
  readonly checkedDeviation: number;
}

/** One thing to time. */
interface Item {
  readonly task: string;
  readonly trials: number;
  /** Multiply-adds count as two, over all samples or all pairs of samples. */
  readonly flops: number;
  /** The numbers that it gives, for the check. */
  run(trials: number, steps: number, backend?: Backend): Promise<ArrayLike<number>>;
}

/** Trials and steps of the check against the host, enough to determine a fit from many units. */
const checkTrials = 40;
/** Largest deviation relative to the largest number: f32 sums explain it. */
const checkBound = 1e-4;
/** Conditions whose tangling is measured: with 500 steps 10 000 samples. */
const tanglingConditions = 20;

export async function analysis(options: AnalysisOptions, context: JobContext): Promise<BenchResult> {
  const machine = await context.host.machine();
  const items = itemsOf(options);
  const ceilings: Ceiling[] = [];
  const rows: Row[] = [];
  for (const configuration of await configurations(options)) {
    await withBackend(configuration, async (backend) => {
      const ceiling = await measureCeiling(backend);
      if (ceiling) ceilings.push(ceiling);
      for (const item of items) {
        context.progress.update(`${configuration.backend} ${configuration.variant}, ${configuration.threads} threads: ${item.task}`);
        rows.push(await measure(backend, item, options, ceiling, context.signal));
      }
    });
  }
  printRows(
    context,
    rows.map((row) => [row, `${row.task}, ${row.batchSize} × ${row.steps} × ${row.hiddenSize}`]),
  );
  return { machine, ceiling: { method: ceilingMethod, measured: ceilings }, rows };
}

function itemsOf({ what, trials, steps, hidden }: AnalysisOptions): Item[] {
  const cached = new Map<string, TrialArray>();
  // arrays in memory: made once, outside what is timed
  const latents = (name: string, ofTrials: number, ofSteps: number): TrialArray => {
    const key = `${name} ${ofTrials} ${ofSteps}`;
    const found = cached.get(key) ?? synthetic(name, ofTrials, ofSteps, hidden);
    cached.set(key, found);
    return found;
  };
  const all: Item[] = [
    {
      task: 'pca',
      trials,
      flops: 2 * trials * steps * hidden ** 2,
      run: async (n, t, backend) => (await pcaOfTrials(latents('source', n, t), backend ? { backend } : {})).ratios,
    },
    {
      task: 'affine-r2',
      trials,
      flops: 2 * trials * steps * (2 * hidden) ** 2,
      run: async (n, t, backend) => {
        const [source, target] = [splitTrials(latents('source', n, t)), splitTrials(latents('target', n, t))];
        return [(await stateR2(source, target, backend ? { backend } : {})).r2 ?? Number.NaN];
      },
    },
    {
      task: 'tangling',
      trials: tanglingConditions,
      flops: 4 * (tanglingConditions * steps) ** 2 * hidden,
      run: async (n, t, backend) => (await tangling(latents('source', n, t), { dt: 0.01, ...tanglingRecipes.rush, ...(backend ? { backend } : {}) })).values,
    },
  ];
  const unknown = (what ?? []).filter((name) => !all.some(({ task }) => task === name));
  if (unknown.length > 0) throw new ConfigError('bench analysis', [`--what: expected ${all.map(({ task }) => task).join(', ')}, got "${unknown.join(', ')}"`]);
  return all.filter(({ task }) => what === undefined || what.includes(task));
}

/** Smooth latents: waves of falling size shared by all units, and a little noise. The target shares half of the source's waves. */
function synthetic(name: string, trials: number, steps: number, hidden: number): TrialArray {
  const waves = 12;
  const draws = (purpose: string, length: number) => {
    const values = new Float32Array(length);
    fillNormal(values, randomKey(0, `bench analysis ${purpose}`), 0);
    return values;
  };
  const weights = draws(`weights ${name}`, waves * hidden);
  const [shared, own, noise] = [draws('phases', trials * waves), draws(`phases ${name}`, trials * waves), draws(`noise ${name}`, steps * hidden)];
  const values = new Float32Array(trials * steps * hidden);
  for (let trial = 0; trial < trials; trial++) {
    for (let step = 0; step < steps; step++) {
      const at = (trial * steps + step) * hidden;
      for (let wave = 0; wave < waves; wave++) {
        const phase = ((wave % 2 === 0 ? shared : own)[trial * waves + wave] as number) * 3;
        const level = Math.sin((2 * Math.PI * (1 + (wave % 5)) * step) / steps + phase) / (1 + wave);
        for (let unit = 0; unit < hidden; unit++) values[at + unit] = (values[at + unit] as number) + level * (weights[wave * hidden + unit] as number);
      }
      for (let unit = 0; unit < hidden; unit++)
        values[at + unit] = (values[at + unit] as number) + 0.1 * (noise[(step * hidden + unit + 31 * trial) % noise.length] as number);
    }
  }
  return { trials, steps, width: hidden, values, lengths: null };
}

/** Largest deviation from the host in f64, relative to the largest number. Throws when f32 does not explain it. */
async function check(backend: Backend, { task, run }: Item, hidden: number): Promise<number> {
  const steps = Math.max(20, Math.ceil((2 * hidden) / checkTrials));
  const [actual, expected] = [await run(checkTrials, steps, backend), await run(checkTrials, steps)];
  let [size, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    size = Math.max(size, Math.abs(expected[i] as number));
    worst = Math.max(worst, Math.abs((expected[i] as number) - (actual[i] as number)));
  }
  const deviation = worst / size;
  if (!(deviation <= checkBound)) {
    throw new NumericsError(`bench analysis: expected ${task} within ${checkBound} of the host's numbers, got a deviation of ${deviation}; please report this`);
  }
  return deviation;
}

async function measure(backend: Backend, item: Item, { steps, hidden, repeats }: AnalysisOptions, ceiling: Ceiling | null, signal: AbortSignal): Promise<Row> {
  const checkedDeviation = await check(backend, item, hidden);
  const timing = await time(() => item.run(item.trials, steps, backend), repeats, signal);
  const gflops = item.flops / timing.medianSeconds / 1e9;
  return {
    bench: 'analysis',
    ...measuredOn(backend),
    task: item.task,
    model: null,
    hiddenSize: hidden,
    batchSize: item.trials,
    steps,
    ...timing,
    gflops,
    trialStepsPerSecond: (item.trials * steps) / timing.medianSeconds,
    ceilingGflops: ceiling?.gflops ?? null,
    share: ceiling ? gflops / ceiling.gflops : null,
    checked: true,
    checkedDeviation,
  };
}
