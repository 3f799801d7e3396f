// Scores of a comparison that go state by state, from joint moments: state R² both ways, CCA, Procrustes, decoding, and what is held against the reference.
import type { Backend } from '../backends/backend.js';
import { ConfigError } from '../errors.js';
import type { Analysis, NoiseChoice, TrialArray } from './analysis.js';
import type { ComparisonSummary, ScoreMatrix } from './comparison-data.js';
import type { ComparedStates } from './comparison-states.js';
import { type FeatureRange, mergeMoments } from './moments.js';
import { affineR2Matrix, fitAffine, scoreAffine } from './regression.js';
import { round } from './scores.js';
import { ccaMatrix } from './similarity/canonical.js';
import { cycleConsistency } from './similarity/cycle-consistency.js';
import { procrustesMatrix } from './similarity/procrustes.js';
import { rateR2 } from './similarity/rates.js';

/** Components of a target whose R² is kept. */
const keptComponents = 10;

export const rounded = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : round(value);

/** A matrix of nothing, for what cannot be had. */
export const emptyMatrix = (size: number): ScoreMatrix => Array.from({ length: size }, () => Array.from({ length: size }, () => null));

type StateScores = Pick<ComparisonSummary, 'samples' | 'stateR2' | 'stateR2PerComponent' | 'cca' | 'procrustes' | 'decoding'>;

/** Scores of all pairs. State R² is fitted on training and scored on validation samples; CCA and Procrustes are of all samples. */
export function stateScores(states: ComparedStates, targetLabels: readonly string[]): StateScores {
  const { train, validation, latents, targets } = states;
  const scores = affineR2Matrix(train, validation, latents);
  const all = mergeMoments(train, validation);
  return {
    samples: [train.count, validation.count],
    stateR2: scores.map((row) => row.map(({ r2 }) => rounded(r2))),
    stateR2PerComponent: scores.map((row) => row.map(({ perComponent }) => perComponent.slice(0, keptComponents).map(rounded))),
    cca: ccaMatrix(all, latents).map((row) => row.map(({ meanSquare }) => rounded(meanSquare))),
    procrustes: procrustesMatrix(all, latents).map((row) => row.map(rounded)),
    decoding: targets && {
      variables: targetLabels,
      r2: latents.map((source) => decodingScores(states, source, targets)),
    },
  };
}

/** R² of each target, read from the latents by a straight-line map. */
function decodingScores({ train, validation }: ComparedStates, source: FeatureRange, targets: FeatureRange): (number | null)[] {
  const each = new Float64Array(targets.length ** 2);
  for (let k = 0; k < targets.length; k++) each[k * targets.length + k] = 1;
  return scoreAffine(fitAffine(train, source, targets), validation, each).perComponent.map(rounded);
}

/** True inputs → inputs of each analysis. */
export function inputScores({ train, validation, trueInputs, inputs }: ComparedStates): (number | null)[] {
  return inputs.map((range) => {
    if (!range || !trueInputs) return null;
    // only the variance-weighted score is kept, which does not depend on the components
    return rounded(scoreAffine(fitAffine(train, trueInputs, range), validation, new Float64Array(range.length ** 2)).r2);
  });
}

/** Rate R² against the reference, and cycle consistency; null for analyses without firing rates. */
export async function rateScores(
  analyses: readonly Analysis[],
  reference: number,
  { backend, noise }: { readonly backend?: Backend | undefined; readonly noise?: NoiseChoice | undefined },
): Promise<Pick<ComparisonSummary['againstReference'], 'rateR2' | 'cycleConsistency'>> {
  const truth = await (analyses[reference] as Analysis).getRates('validation');
  const rates: (number | null)[] = [];
  const consistency: (number | null)[] = [];
  const problems: string[] = [];
  for (const analysis of analyses) {
    const [train, validation] = [await analysis.getRates('train'), await analysis.getRates('validation')];
    if (truth && validation && truth.width !== validation.width)
      problems.push(`expected rates of ${truth.width} neurons as the reference has, got ${validation.width} of ${analysis.name}`);
    rates.push(truth && validation && truth.width === validation.width ? rounded(rateR2(truth, validation).r2) : null);
    if (!train) {
      consistency.push(null);
      continue;
    }
    const latents = { train: await analysis.getLatents('train', noise), validation: await analysis.getLatents('validation', noise) };
    consistency.push(isPositive(train) ? rounded((await cycleConsistency(latents, { train }, backend ? { backend } : {})).r2) : null);
    analysis.release?.();
  }
  if (problems.length > 0) throw new ConfigError('compare', problems);
  return { rateR2: rates, cycleConsistency: consistency };
}

/** Whether logarithms of all rates exist. */
export function isPositive({ trials, steps, width, values, lengths }: TrialArray): boolean {
  for (let trial = 0; trial < trials; trial++) {
    const end = (trial * steps + (lengths?.[trial] ?? steps)) * width;
    for (let i = trial * steps * width; i < end; i++) if (!((values[i] as number) > 0)) return false;
  }
  return true;
}
