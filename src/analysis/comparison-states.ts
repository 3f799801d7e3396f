// What a comparison needs of its analyses: that they are of the same trials, joint moments of their latents, inputs and targets, and the latents of a few trials.
import type { Backend } from '../backends/backend.js';
import { ConfigError } from '../errors.js';
import type { Analysis, NoiseChoice, TrialArray } from './analysis.js';
import { type ComparedPhase, type FeatureSource, type JointMoments, jointMoments } from './comparison-moments.js';
import type { FeatureRange } from './moments.js';
import type { RunAnalysis } from './run-analysis.js';
import { checkFinite } from './trial-array.js';
import { sliceTrials } from './trials.js';

export interface CollectOptions {
  readonly backend?: Backend | undefined;
  readonly noise?: NoiseChoice | undefined;
  /** Validation trials whose latents are kept, the first ones. */
  readonly keptTrials: number;
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Latents of all analyses as moments, and where each is among the features. */
export interface ComparedStates extends JointMoments {
  /** One an analysis. */
  readonly latents: readonly FeatureRange[];
  /** Targets of the task and true inputs, both the reference's; null where it has none. */
  readonly targets: FeatureRange | null;
  readonly trueInputs: FeatureRange | null;
  /** Inputs of each analysis; null where it knows none or the reference has no true ones. */
  readonly inputs: readonly (FeatureRange | null)[];
  /** Latents of the first validation trials of each analysis. */
  readonly kept: readonly TrialArray[];
  /** What each network puts out in them; null where only latents are known. */
  readonly outputs: readonly (TrialArray | null)[];
  /** Trials [train, validation] and steps of each. */
  readonly shapes: readonly (readonly [number, number, number])[];
}

/** The samples of trials as rows [N, width]; steps behind a trial's end are left out, and only then are numbers copied. */
export function samplesOf({ trials, steps, width, values, lengths }: TrialArray): Float32Array | Float64Array {
  if (!lengths) return values;
  const count = lengths.reduce((sum, length) => sum + length, 0) * width;
  const rows = values instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  for (let trial = 0, at = 0; trial < trials; trial++) {
    const start = trial * steps * width;
    const length = (lengths[trial] as number) * width;
    rows.set(values.subarray(start, start + length), at);
    at += length;
  }
  return rows;
}

const phases = ['train', 'validation'] as const;

/**
 * Throws ConfigError, with all problems, unless every analysis was made on the trials of the reference: as many of each phase, as long, with the same
 * true inputs (or, where those are not known, the same targets). Returns a note for each whose trials cannot be told.
 */
export async function checkSameTrials(analyses: readonly Analysis[], reference: number): Promise<string[]> {
  const base = analyses[reference] as Analysis;
  const problems: string[] = [];
  const notes: string[] = [];
  for (const analysis of analyses) {
    if (analysis === base) continue;
    let known = false;
    for (const phase of phases) {
      const sides = [await base.getTrueInputs(phase), await analysis.getTrueInputs(phase)] as const;
      const what = sides[0] && sides[1] ? 'true inputs' : 'targets';
      const [a, b] = what === 'true inputs' ? sides : [await base.getTargets(phase), await analysis.getTargets(phase)];
      if (!a || !b) continue;
      known = true;
      const problem = difference(a, b, `${phase} ${what}`);
      if (!problem) continue;
      problems.push(`${analysis.name}: ${problem}`);
      break;
    }
    if (!known) notes.push(`${analysis.name}: neither inputs nor targets are known, so that nothing tells whether its trials are those of ${base.name}.`);
  }
  if (problems.length > 0) throw differentTrials(base.name, problems);
  return notes;
}

function differentTrials(reference: string, problems: readonly string[]): ConfigError {
  return new ConfigError('compare', [
    ...problems.map((problem) => `expected the trials of ${reference}, got ${problem}`),
    'state R², CCA, Procrustes, decoding and aligned trajectories go trial by trial and cannot be had; DSA, dimensions and counts of fixed points can: ask for those alone with --dsa-only (in the library: sameTrials: false)',
  ]);
}

/** How `b` differs from `a`, in words; null when they are equal. Values may differ in their last bits, as f32 and f64 do. */
function difference(a: TrialArray, b: TrialArray, what: string): string | null {
  if (a.trials !== b.trials) return `${b.trials} trials of ${what}, not ${a.trials}`;
  if (a.steps !== b.steps) return `trials of ${b.steps} steps, not ${a.steps}`;
  if (a.width !== b.width) return `${b.width} ${what}, not ${a.width}`;
  for (let trial = 0; trial < a.trials; trial++) {
    const length = a.lengths?.[trial] ?? a.steps;
    if (length !== (b.lengths?.[trial] ?? b.steps)) return `${b.lengths?.[trial] ?? b.steps} steps in trial ${trial} of ${what}, not ${length}`;
    const start = trial * a.steps * a.width;
    for (let i = start; i < start + length * a.width; i++) {
      const [x, y] = [a.values[i] as number, b.values[i] as number];
      if (!(Math.abs(x - y) <= 1e-5 * Math.max(1, Math.abs(x))))
        return `other ${what} from trial ${trial} on (${y} instead of ${x} in step ${Math.floor((i - start) / a.width)}); another task, other interventions or another seed of data`;
    }
  }
  return null;
}

/**
 * Rolls the analyses out phase by phase and gathers joint moments of their latents, two held at a time. Throws ConfigError where they are not of the same
 * shape or have fewer samples than units, RunFormatError where a number is not finite.
 */
export async function collectStates(analyses: readonly Analysis[], reference: number, options: CollectOptions): Promise<ComparedStates> {
  const { noise, signal } = options;
  const base = analyses[reference] as Analysis;
  const kept: TrialArray[] = [];
  const outputs: (TrialArray | null)[] = analyses.map(() => null);
  const shapes: [number, number, number][] = analyses.map(() => [0, 0, 0]);
  const lengths: Partial<Record<ComparedPhase, { samples: number; by: string; shape: string }>> = {};
  const latentSource = (analysis: Analysis, i: number): FeatureSource => ({
    width: analysis.hiddenSize,
    async load(phase) {
      signal?.throwIfAborted();
      const array = await analysis.getLatents(phase, noise);
      if (phase === 'validation' && !kept[i]) {
        const shown = (whole: TrialArray) => copied(sliceTrials(whole, 0, Math.min(options.keptTrials, whole.trials)));
        const run = analysis as Partial<RunAnalysis>;
        kept[i] = shown(array);
        outputs[i] = run.getModelOutputs ? shown((await run.getModelOutputs(phase, noise)).controlled) : null;
      }
      analysis.release?.();
      checkFinite(array, analysis.name, `${phase} latents`);
      const shape = shapes[i] as [number, number, number];
      shape[phase === 'train' ? 0 : 1] = array.trials;
      shape[2] = array.steps;
      const rows = samplesOf(array);
      const samples = rows.length / array.width;
      const text = `${array.trials} ${phase} trials × ${array.steps} steps, ${samples} samples`;
      if (phase === 'train' && samples <= array.width)
        throw new ConfigError(analysis.name, [
          `expected more than ${array.width} training samples, one a unit, got ${samples}; name a run with more or longer trials`,
        ]);
      lengths[phase] ??= { samples, by: analysis.name, shape: text };
      const first = lengths[phase];
      if (first.samples !== samples) throw differentTrials(first.by, [`${analysis.name}: ${text}, not ${first.shape}`]);
      return rows;
    },
  });
  const sources: FeatureSource[] = analyses.map(latentSource);
  const add = async (which: Analysis, what: 'getTargets' | 'getTrueInputs' | 'getInputs'): Promise<number | null> => {
    const width = (await which[what]('validation'))?.width;
    if (width === undefined) return null;
    const load = async (phase: ComparedPhase) => {
      const array = (await which[what](phase)) as TrialArray;
      checkFinite(array, which.name, what === 'getTargets' ? 'targets' : 'inputs');
      return samplesOf(array);
    };
    return sources.push({ width, load }) - 1;
  };
  const targets = await add(base, 'getTargets');
  const trueInputs = await add(base, 'getTrueInputs');
  const inputs: (number | null)[] = [];
  for (const analysis of analyses) inputs.push(trueInputs === null ? null : await add(analysis, 'getInputs'));
  const latent = (i: number) => i < analyses.length;
  const joint = await jointMoments(sources, {
    backend: options.backend,
    onProgress: options.onProgress,
    signal,
    wanted: (a, b) => (latent(a) && (latent(b) || b === targets)) || (a === trueInputs && inputs.includes(b)),
  });
  const rangeOf = (source: number | null) => (source === null ? null : (joint.ranges[source] as FeatureRange));
  return {
    ...joint,
    latents: analyses.map((_, i) => joint.ranges[i] as FeatureRange),
    targets: rangeOf(targets),
    trueInputs: rangeOf(trueInputs),
    inputs: inputs.map(rangeOf),
    kept,
    outputs,
    shapes,
  };
}

/** The numbers of their own, so that the rest can be let go. */
const copied = (array: TrialArray): TrialArray => ({ ...array, values: array.values.slice() });
