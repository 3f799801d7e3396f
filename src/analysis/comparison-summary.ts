// From loaded analyses to comparison.json: state by state where the trials are the same, dynamics in any case.
import type { Backend } from '../backends/backend.js';
import { ConfigError } from '../errors.js';
import { describeInterventions } from '../interventions/describe.js';
import type { Analysis, NoiseChoice, TrialArray } from './analysis.js';
import type { LoadedAnalysis } from './comparison.js';
import { alignStates, shownTrials } from './comparison-aligned.js';
import type { AlignedAnalysis, ComparedAnalysis, ComparisonSummary, ScoreMatrix } from './comparison-data.js';
import { type ComparedPoints, type ComparedPointsOptions, comparedPoints } from './comparison-points.js';
import { emptyMatrix, inputScores, isPositive, rateScores, rounded, stateScores } from './comparison-scores.js';
import { type ComparedStates, checkSameTrials, collectStates } from './comparison-states.js';
import { type DsaOptions, type DsaProgress, dsaMatrix } from './dsa/compare.js';
import { type FeatureRange, mergeMoments } from './moments.js';
import { resolveNoise } from './noise-choice.js';
import { type PrincipalComponents, participationRatio, principalComponents, project } from './pca.js';
import type { RunAnalysis } from './run-analysis.js';
import { round, roundAll } from './scores.js';
import { type Alignment, alignmentOfMoments } from './similarity/align.js';
import type { ReportEnvironment } from './summary-data.js';

export interface ComparisonOptions {
  readonly environment: ReportEnvironment;
  /** Multiplies; without it sums run here, in f64. */
  readonly backend?: Backend;
  /** Noise in the latents. Default: as trained. */
  readonly noise?: NoiseChoice;
  /** False: analyses of different trials; then only what needs no common trials is computed. Default true. */
  readonly sameTrials?: boolean;
  /** How dynamics are compared; null: not at all. Default: as published, 20 delays, rank 50, 1 % of the validation trials, angular. */
  readonly dsa?: Omit<DsaOptions, 'phase' | 'onProgress' | 'signal'> | null;
  /** How fixed points are searched; null: not at all. Default: 1024 starts. */
  readonly fixedPoints?: ComparedPointsOptions | null;
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
  checkRank(analyses, options.dsa);
  const notes = sameTrials ? await checkSameTrials(analyses, reference) : ['Made on different trials: what goes trial by trial is left out.'];
  notes.push(...interventionNotes(analyses, analyses[reference] as Analysis));
  const measured = await measure(analyses, reference, sameTrials, options);
  signal?.throwIfAborted();
  const nothing = analyses.map(() => null);
  const common = sameTrials ? (measured[0] as Measured).states : null;
  const labels = labelsOf(analyses[reference] as Analysis, common);
  const scores = common ? stateScores(common, labels.targets) : withoutStates(analyses.length);
  const rates = sameTrials ? await rateScores(analyses, reference, options) : { rateR2: nothing, cycleConsistency: nothing };
  for (const [i, analysis] of analyses.entries()) {
    const train = await analysis.getRates('train');
    if (train && !isPositive(train) && rates.cycleConsistency[i] === null)
      notes.push(`${analysis.name}: rates of 0 or less have no logarithm, so that there is no cycle consistency.`);
  }
  const spaces = common ? alignments(measured, reference) : [];
  const points = await allPoints(measured, spaces, options);
  const dsa = options.dsa === null ? null : await compareDynamics(analyses, options, notes);
  const steps = Math.max(...measured.map(({ states, at }) => (states.shapes[at] as readonly number[])[2] as number));
  const stride = Math.ceil(steps / mostFigureSteps);
  if (stride > 1) notes.push(`Figures of trials show every ${stride}. of ${steps} steps.`);
  return {
    format: 'motorloop-comparison',
    version: 1,
    analyses: measured.map((each, i) => compared(loaded[i] as LoadedAnalysis, each, i === reference, points[i] ?? null)),
    reference,
    environment: options.environment,
    noise: resolveNoise(options.noise).text,
    ...scores,
    againstReference: {
      stateR2: scores.stateR2[reference] as (number | null)[],
      reconstructionR2: scores.stateR2.map((row) => row[reference] ?? null),
      inputR2: common ? inputScores(common) : nothing,
      ...rates,
    },
    dsa,
    aligned: common ? await alignAll(measured, spaces, points, stride, options) : [],
    trials: {
      stride,
      steps,
      ...labels.time,
      ...(await shownOfTask(analyses[reference] as Analysis, common ? (measured[reference] as Measured) : null, stride)),
      inputLabels: labels.inputs,
      targetLabels: labels.targets,
    },
    notes,
  };
}

/** Runs that trained under other interventions than the reference: each is rolled out under its own. */
function interventionNotes(analyses: readonly Analysis[], reference: Analysis): string[] {
  const of = (analysis: Analysis) => (analysis.kind === 'run' ? describeInterventions((analysis as RunAnalysis).experiment.interventions) : null);
  const own = of(reference);
  return analyses.flatMap((analysis) => {
    const other = of(analysis);
    if (own === null || other === null || other === own) return [];
    return [`${analysis.name} has other interventions than ${reference.name}: ${other}, not ${own}. Each was trained and is rolled out under its own.`];
  });
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

function compared({ analysis, group }: LoadedAnalysis, { states, at, pca }: Measured, reference: boolean, points: ComparedPoints | null): ComparedAnalysis {
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
    fixedPoints: points?.counts ?? null,
  };
}

function withoutStates(count: number) {
  const empty = emptyMatrix(count);
  return { samples: [0, 0] as const, stateR2: empty, cca: empty, procrustes: empty, stateR2PerComponent: [], decoding: null };
}

/** What the channels of the task are called, and its unit of time. */
function labelsOf(analysis: Analysis, states: ComparedStates | null) {
  const task = (analysis as Partial<RunAnalysis>).task;
  const bits = task?.name === 'flipflop';
  const names = (given: readonly string[] | undefined, count: number, noun: string) =>
    given && !bits ? given : Array.from({ length: given?.length ?? count }, (_, k) => `${noun} ${k + 1}`);
  return {
    inputs: names(task?.inputLabels, states?.trueInputs?.length ?? 0, 'input'),
    targets: names(task?.outputLabels, states?.targets?.length ?? 0, bits ? 'bit' : 'target'),
    time: { stepDuration: task?.stepDuration ?? null },
  };
}

/** A rank that was asked for is kept or refused: the default alone is cut to what a small network has. */
function checkRank(analyses: readonly Analysis[], dsa: ComparisonOptions['dsa']): void {
  const rank = dsa?.rank;
  if (typeof rank !== 'number') return;
  const problems = analyses.flatMap(({ name, hiddenSize }, i) => {
    const delays = (typeof dsa?.delays === 'object' ? dsa.delays[i] : dsa?.delays) ?? 20;
    return rank > hiddenSize * delays
      ? [`dsa.rank: expected at most ${hiddenSize * delays} for ${name} (${hiddenSize} units × ${delays} delays), got ${rank}`]
      : [];
  });
  if (problems.length > 0) throw new ConfigError('compare', problems);
}

/** DSA of all analyses, on the first validation trials of each. */
async function compareDynamics(analyses: readonly Analysis[], options: ComparisonOptions, notes: string[]): Promise<ComparisonSummary['dsa']> {
  const { noise, signal, onProgress } = options;
  const sources = analyses.map((analysis): Analysis => {
    const getLatents: Analysis['getLatents'] = async () => {
      const latents = await analysis.getLatents('validation', noise);
      analysis.release?.();
      return latents;
    };
    // a copy would call every getter, and so build what nobody asked for
    return Object.assign(Object.create(analysis), { getLatents });
  });
  const pairs = Math.max(1, (analyses.length * (analyses.length - 1)) / 2);
  const report = ({ stage, done }: DsaProgress) => onProgress?.('DSA', (stage === 'fit' ? done : analyses.length + done) / (analyses.length + pairs));
  const found = await dsaMatrix(sources, { ...options.dsa, onProgress: report, ...(signal ? { signal } : {}) });
  const name = (index: string) => analyses[Number(index)]?.name ?? index;
  const named = found.notes.map((note) =>
    note
      .replace(/^data sets (\d+) and (\d+)/, (_, a: string, b: string) => `DSA of ${name(a)} and ${name(b)}`)
      .replace(/^data set (\d+)/, (_, a: string) => `DSA of ${name(a)}`),
  );
  notes.push(...new Set(named));
  const { metric, settings, splitHalf } = found;
  const roundedAll = (matrix: ScoreMatrix) => matrix.map((row) => row.map(rounded));
  return { metric, settings, scores: roundedAll(found.scores), spread: roundedAll(found.spread), splitHalf: splitHalf.map(rounded) };
}

/** The map of each analysis into the reference's components, over all trials. */
function alignments(measured: readonly Measured[], reference: number): Alignment[] {
  const { states, pca } = measured[reference] as Measured;
  const all = mergeMoments(states.train, states.validation);
  return measured.map(({ at }) => alignmentOfMoments(all, states.latents[at] as FeatureRange, states.latents[reference] as FeatureRange, 3, pca));
}

/** Fixed points of every network, one after the other. */
async function allPoints(measured: readonly Measured[], spaces: readonly Alignment[], options: ComparisonOptions): Promise<(ComparedPoints | null)[]> {
  const { noise, signal, fixedPoints = {} } = options;
  const found: (ComparedPoints | null)[] = [];
  for (const [i, { analysis, pca }] of measured.entries()) {
    signal?.throwIfAborted();
    if (fixedPoints === null || analysis.kind !== 'run') {
      found.push(null);
      continue;
    }
    const onProgress = (stage: string, share: number) => options.onProgress?.(`fixed points of ${analysis.name}, ${stage}`, share);
    found.push(await comparedPoints(analysis as RunAnalysis, { pca, alignment: spaces[i] ?? null }, fixedPoints, { noise, signal, onProgress }));
    analysis.release?.();
  }
  return found;
}

async function alignAll(
  measured: readonly Measured[],
  spaces: readonly Alignment[],
  points: readonly (ComparedPoints | null)[],
  stride: number,
  options: ComparisonOptions,
): Promise<AlignedAnalysis[]> {
  const aligned: AlignedAnalysis[] = [];
  for (const [i, { analysis, states, at, pca }] of measured.entries()) {
    options.signal?.throwIfAborted();
    const alignment = spaces[i] as Alignment;
    const kept = states.kept[at] as TrialArray;
    const outputs = states.outputs[at] ?? null;
    const rates = await analysis.getRates('validation');
    aligned.push({
      trajectories: shownTrials(kept, kept.trials, stride, 3, (rows) => alignStates(alignment, rows)),
      own: shownTrials(kept, kept.trials, stride, 3, (rows) => project(pca, rows, 3)),
      outputs: outputs && shownTrials(outputs, kept.trials, stride, outputs.width),
      rates: rates && shownTrials(rates, kept.trials, stride, Math.min(shownNeurons, rates.width), (rows) => firstColumns(rows, rates.width, shownNeurons)),
      points: points[i]?.points ?? [],
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
async function shownOfTask(reference: Analysis, measured: Measured | null, stride: number): Promise<Pick<ComparisonSummary['trials'], 'inputs' | 'targets'>> {
  if (!measured) return { inputs: null, targets: null };
  const { trials } = measured.states.kept[measured.at] as TrialArray;
  const [inputs, targets] = [await reference.getInputs('validation'), await reference.getTargets('validation')];
  return { inputs: inputs && shownTrials(inputs, trials, stride, inputs.width), targets: targets && shownTrials(targets, trials, stride, targets.width) };
}
