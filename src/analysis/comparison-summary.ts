// From loaded analyses to comparison.json: state by state where the trials are the same, dynamics in any case.
import type { Backend } from '../backends/backend.js';
import { ConfigError } from '../errors.js';
import type { Analysis, NoiseChoice, TrialArray } from './analysis.js';
import type { LoadedAnalysis } from './comparison.js';
import { alignStates, shownTrials } from './comparison-aligned.js';
import type { AlignedAnalysis, ComparedAnalysis, ComparisonSummary } from './comparison-data.js';
import { emptyMatrix, inputScores, isPositive, rateScores, rounded, stateScores } from './comparison-scores.js';
import { type ComparedStates, checkSameTrials, collectStates } from './comparison-states.js';
import { type FeatureRange, mergeMoments } from './moments.js';
import { type PrincipalComponents, participationRatio, principalComponents, project } from './pca.js';
import type { RunAnalysis } from './run-analysis.js';
import { round, roundAll } from './scores.js';
import { alignmentOfMoments } from './similarity/align.js';
import type { ReportEnvironment } from './summary-data.js';

export interface ComparisonOptions {
  readonly environment: ReportEnvironment;
  /** Multiplies; without it sums run here, in f64. */
  readonly backend?: Backend;
  /** Noise in the latents. Default: as trained. */
  readonly noise?: NoiseChoice;
  /** False: analyses of different trials; then only what needs no common trials is computed. Default true. */
  readonly sameTrials?: boolean;
  /** Validation trials that figures show. Default 6. */
  readonly shownTrials?: number;
  /** Hears what is being done, and the share of it, 0 to 1. */
  readonly onProgress?: (what: string, share: number) => void;
  /** Aborts between two steps: then the comparison throws its reason. */
  readonly signal?: AbortSignal;
}

const defaultShownTrials = 6;
/** Steps of a trial that figures show at most; longer trials are shown every second, third, … step. */
const mostFigureSteps = 500;
const screeComponents = 10;
const shownNeurons = 6;

/** What is known of each analysis by itself. */
interface Measured {
  readonly analysis: Analysis;
  readonly states: ComparedStates;
  /** Its place in `states`. */
  readonly at: number;
  readonly pca: PrincipalComponents;
}

/** All that `motorloop compare` says. See `Comparison.summarise`. */
export async function summariseComparison(loaded: readonly LoadedAnalysis[], reference: number, options: ComparisonOptions): Promise<ComparisonSummary> {
  if (loaded.length < 2) throw new ConfigError('compare', [`expected two analyses or more, got ${loaded.length}`]);
  const { sameTrials = true, signal } = options;
  const analyses = loaded.map(({ analysis }) => analysis);
  const notes = sameTrials ? await checkSameTrials(analyses, reference) : ['Made on different trials: what goes trial by trial is left out.'];
  const measured = await measure(analyses, reference, sameTrials, options);
  signal?.throwIfAborted();
  const nothing = analyses.map(() => null);
  const scores = sameTrials
    ? stateScores((measured[0] as Measured).states, labelsOf(analyses[reference] as Analysis))
    : {
        samples: [0, 0] as const,
        ...{ stateR2: emptyMatrix(analyses.length), cca: emptyMatrix(analyses.length), procrustes: emptyMatrix(analyses.length) },
        stateR2PerComponent: [],
        decoding: null,
      };
  const rates = sameTrials ? await rateScores(analyses, reference, options) : { rateR2: nothing, cycleConsistency: nothing };
  for (const [i, analysis] of analyses.entries()) {
    const train = await analysis.getRates('train');
    if (train && !isPositive(train) && rates.cycleConsistency[i] === null)
      notes.push(`${analysis.name}: rates of 0 or less have no logarithm, so that there is no cycle consistency.`);
  }
  const steps = Math.max(...measured.map(({ states, at }) => (states.shapes[at] as readonly number[])[2] as number));
  const stride = Math.ceil(steps / mostFigureSteps);
  if (stride > 1) notes.push(`Figures of trials show every ${stride}. of ${steps} steps.`);
  return {
    format: 'motorloop-comparison',
    version: 1,
    analyses: measured.map((each, i) => compared(loaded[i] as LoadedAnalysis, each, i === reference)),
    reference,
    environment: options.environment,
    noise: options.noise?.noiseless ? 'none' : 'as-trained',
    ...scores,
    againstReference: {
      stateR2: scores.stateR2[reference] as (number | null)[],
      reconstructionR2: scores.stateR2.map((row) => row[reference] ?? null),
      inputR2: sameTrials ? inputScores((measured[0] as Measured).states) : nothing,
      ...rates,
    },
    dsa: null,
    aligned: sameTrials ? await alignAll(measured, reference, stride, options) : [],
    trials: sameTrials ? await shownOfTask(analyses[reference] as Analysis, measured[reference] as Measured, stride) : { stride, inputs: null, targets: null },
    notes,
  };
}

async function measure(analyses: readonly Analysis[], reference: number, sameTrials: boolean, options: ComparisonOptions): Promise<Measured[]> {
  const { backend, noise, signal } = options;
  const keptTrials = options.shownTrials ?? defaultShownTrials;
  const groups = sameTrials ? [analyses] : analyses.map((analysis) => [analysis]);
  const measured: Measured[] = [];
  for (const [done, group] of groups.entries()) {
    const onProgress = (share: number) => options.onProgress?.('states', (done + share) / groups.length);
    const states = await collectStates(group, sameTrials ? reference : 0, { backend, noise, signal, keptTrials, onProgress });
    const all = mergeMoments(states.train, states.validation);
    group.forEach((analysis, at) => measured.push({ analysis, states, at, pca: principalComponents(all, states.latents[at]) }));
  }
  return measured;
}

function compared({ analysis, group }: LoadedAnalysis, { states, at, pca }: Measured, reference: boolean): ComparedAnalysis {
  return {
    name: analysis.name,
    kind: analysis.kind,
    group,
    reference,
    hiddenSize: analysis.hiddenSize,
    shape: states.shapes[at] as readonly [number, number, number],
    loss: rounded((analysis as Partial<RunAnalysis>).validationLoss ?? null),
    scree: roundAll(pca.ratios.subarray(0, screeComponents)),
    participationRatio: round(participationRatio(pca)),
  };
}

/** Names of the task's outputs, of a run. */
const labelsOf = (analysis: Analysis): readonly string[] | null => (analysis as Partial<RunAnalysis>).task?.outputLabels ?? null;

async function alignAll(measured: readonly Measured[], reference: number, stride: number, options: ComparisonOptions): Promise<AlignedAnalysis[]> {
  const { states, pca: basis } = measured[reference] as Measured;
  const all = mergeMoments(states.train, states.validation);
  const aligned: AlignedAnalysis[] = [];
  for (const { analysis, at, pca } of measured) {
    options.signal?.throwIfAborted();
    const alignment = alignmentOfMoments(all, states.latents[at] as FeatureRange, states.latents[reference] as FeatureRange, 3, basis);
    const kept = states.kept[at] as TrialArray;
    const outputs = states.outputs[at] ?? null;
    const rates = await analysis.getRates('validation');
    aligned.push({
      trajectories: shownTrials(kept, kept.trials, stride, 3, (rows) => alignStates(alignment, rows)),
      own: shownTrials(kept, kept.trials, stride, 3, (rows) => project(pca, rows, 3)),
      outputs: outputs && shownTrials(outputs, kept.trials, stride, outputs.width),
      rates: rates && shownTrials(rates, kept.trials, stride, Math.min(shownNeurons, rates.width), (rows) => firstColumns(rows, rates.width, shownNeurons)),
      points: [],
      counts: null,
      r2: rounded(alignment.r2),
      perComponent: alignment.perComponent.map(rounded),
    });
  }
  return aligned;
}

function firstColumns(rows: Float32Array | Float64Array, width: number, columns: number): ArrayLike<number> {
  return width <= columns ? rows : rows.filter((_, i) => i % width < columns);
}

/** What the reference saw and should have answered in the shown trials. */
async function shownOfTask(reference: Analysis, { states, at }: Measured, stride: number): Promise<ComparisonSummary['trials']> {
  const { trials } = states.kept[at] as TrialArray;
  const [inputs, targets] = [await reference.getInputs('validation'), await reference.getTargets('validation')];
  return {
    stride,
    inputs: inputs && shownTrials(inputs, trials, stride, inputs.width),
    targets: targets && shownTrials(targets, trials, stride, targets.width),
  };
}
