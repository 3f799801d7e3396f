// A comparison in plain sentences. What they claim is stated with its number; thresholds stand beside their use.
import type { ComparedAnalysis, ComparisonSummary } from '../analysis/comparison-data.js';
import { formatList, formatNumber, formatPlural, formatShare } from './format.js';

/** Share of variance as people read it; R² below zero explains nothing. */
const explained = (r2: number): string => (r2 <= 0 ? 'none' : formatShare(r2, 0));

/** At most three sentences: states, dynamics, fixed points. */
export function comparisonVerdicts(summary: ComparisonSummary): string[] {
  return [stateVerdict(summary), dynamicsVerdict(summary), pointVerdict(summary)].filter((sentence) => sentence !== null);
}

/** Of the analysis most like the reference (by the mean of both directions), with both numbers. */
function stateVerdict({ analyses, reference, againstReference }: ComparisonSummary): string | null {
  const base = analyses[reference] as ComparedAnalysis;
  const others = analyses.flatMap(({ name, hiddenSize }, i) => {
    const [forth, back] = [againstReference.stateR2[i] ?? null, againstReference.reconstructionR2[i] ?? null];
    return i === reference || forth === null || back === null ? [] : [{ name, hiddenSize, forth, back }];
  });
  if (others.length === 0) return null;
  const best = others.reduce((a, b) => (b.forth + b.back > a.forth + a.back ? b : a));
  const which = others.length > 1 ? `Of ${others.length} networks ${best.name} is most like the reference: a` : 'A';
  const lower = best.forth < best.back ? best.hiddenSize > base.hiddenSize : best.hiddenSize < base.hiddenSize;
  const size = best.hiddenSize !== base.hiddenSize && lower ? ' The way to the larger network is the harder one: it has more directions to explain.' : '';
  return `${which} straight-line map from the states of ${base.name} explains ${explained(best.forth)} of the variance of those of ${best.name}; the other way round it explains ${explained(best.back)}.${size}`;
}

/** The nearest pair by DSA, held against the distance between halves of the same network's trials. */
function dynamicsVerdict({ analyses, dsa }: ComparisonSummary): string | null {
  if (!dsa) return null;
  const pairs = analyses.flatMap(({ name }, i) =>
    analyses.slice(i + 1).flatMap((other, k) => {
      const score = dsa.scores[i]?.[i + 1 + k] ?? null;
      return score === null ? [] : [{ names: [name, other.name], score }];
    }),
  );
  if (pairs.length === 0) return null;
  const nearest = pairs.reduce((a, b) => (b.score < a.score ? b : a));
  const halves = dsa.splitHalf.filter((value): value is number => value !== null);
  const unit = dsa.metric === 'angular' ? ' rad' : '';
  const most = Math.max(...halves);
  const far = `${formatNumber(nearest.score, 3)}${unit} apart (DSA, ${dsa.metric})`;
  const which =
    pairs.length > 1 ? `Nearest by their dynamics are ${formatList(nearest.names)}, ${far}` : `The dynamics of ${formatList(nearest.names)} are ${far}`;
  if (halves.length === 0) return `${which}.`;
  const yardstick = `two sets of trials of one network are up to ${formatNumber(most, 3)}${unit} apart`;
  return nearest.score > most ? `${which}; ${yardstick}.` : `${which}; that is no more than chance, as ${yardstick}.`;
}

function pointVerdict({ analyses }: ComparisonSummary): string | null {
  const counted = analyses.flatMap(({ name, fixedPoints: found }) => {
    if (!found) return [];
    if (found.unique === 0) return [`${name} has no fixed point`];
    return [
      `${name} has ${formatPlural(found.unique, 'fixed point')}, ${found.stable === found.unique ? (found.unique === 1 ? 'stable' : 'all stable') : `${found.stable} of them stable`}`,
    ];
  });
  return counted.length === 0 ? null : `${counted.join('; ')}.`;
}
