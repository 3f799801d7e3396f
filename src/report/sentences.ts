// The result in plain sentences: what each network learned, and how alike the networks are. Thresholds are stated beside their use.
import type { ExperimentSummary, RunSummary } from '../analysis/summary-data.js';
import { formatCount, formatList, formatNumber, formatPlural, formatShare, formatWord } from './format.js';
import { metricText } from './metric-text.js';
import { multitaskVerdict } from './multitask-sections.js';

/** Share of right samples from which on a bit counts as held; a network that only answers pulses reaches about 0.75. */
const heldAccuracy = 0.9;

/** The summary with the flip-flop's channels called what they are: `bit 1`, `input 1`, … */
export function withBitNames(summary: ExperimentSummary): ExperimentSummary {
  const { task } = summary;
  if (task.name !== 'flipflop') return summary;
  const rename = (labels: readonly string[], noun: string) => labels.map((_, i) => `${noun} ${i + 1}`);
  const outputLabels = rename(task.outputLabels, 'bit');
  const variables = new Map(task.outputLabels.map((label, i) => [`target: ${label}`, outputLabels[i] as string]));
  const runs = summary.runs.map((run) => {
    const decoding = run.dynamics?.decoding;
    if (!run.dynamics || !decoding) return run;
    return {
      ...run,
      dynamics: { ...run.dynamics, decoding: decoding.map((score) => ({ ...score, variable: variables.get(score.variable) ?? score.variable })) },
    };
  });
  return { ...summary, runs, task: { ...task, inputLabels: rename(task.inputLabels, 'input'), outputLabels } };
}

/** First run of every model, in the order of the experiment: the ones that figures show. */
export function shownRuns({ runs }: ExperimentSummary): RunSummary[] {
  const seen = new Set<string>();
  return runs.filter(({ model, latents }) => {
    if (latents === null || seen.has(model)) return false;
    seen.add(model);
    return true;
  });
}

/** One sentence about one network: `GRU-128 holds all three bits: …`. */
export function verdict(summary: ExperimentSummary, run: RunSummary): string {
  const loss = run.evaluation.loss ?? run.final.validationLoss ?? Number.NaN;
  const accuracy = run.evaluation.accuracyPerOutput;
  const constant = summary.constantLoss;
  const lossText = `loss ${formatNumber(loss, 2)}`;
  if (summary.reach) return reachVerdict(run, lossText);
  const battery = multitaskVerdict(run);
  if (battery !== null) return battery;
  if (constant !== null && loss > constant * 0.97) {
    return `${run.model} has not begun to use its input: its ${lossText} is no better than the best constant answer, ${formatNumber(constant, 3)}`;
  }
  if (accuracy === null) {
    const gain = constant === null ? '' : `, ${formatNumber(constant / loss, 2)} times lower than the best constant answer`;
    return `${run.model} ends at a validation ${lossText}${gain}`;
  }
  const names = summary.task.outputLabels;
  const held = names.filter((_, i) => (accuracy[i] as number) >= heldAccuracy);
  const lost = names.filter((_, i) => (accuracy[i] as number) < heldAccuracy);
  const right = (i: number) => formatShare(accuracy[i] as number);
  if (lost.length === 0) {
    const which = names.length === 1 ? 'its bit' : names.length === 2 ? 'both bits' : `all ${formatWord(names.length)} bits`;
    return `${run.model} holds ${which}: each is on the right side of one half in at least ${formatShare(Math.min(...accuracy))} of the scored validation steps (${lossText})`;
  }
  if (held.length > 0) {
    const shares = (group: readonly string[]) => group.map((name) => `${name} (${right(names.indexOf(name))})`);
    return `${run.model} holds ${formatList(shares(held))}, but not ${formatList(shares(lost), 'or')}; its validation loss is ${formatNumber(loss, 2)}`;
  }
  const [least, most] = [Math.min(...accuracy), Math.max(...accuracy)];
  const range = most - least < 0.01 ? formatShare(most) : `${formatShare(least, 0)} to ${formatShare(most, 0)}`;
  const baseline = constant === null ? '' : `, where the best constant answer has ${formatNumber(constant, 3)}`;
  return `${run.model} does not hold its bits yet: ${range} of the scored validation steps are right (${lossText}${baseline})`;
}

/** Distance from the target up to which a reach counts as good, m. */
const goodReach = 0.05;

function reachVerdict({ model, evaluation }: RunSummary, lossText: string): string {
  const { endPointError: error, timeToTarget, catchDeviation } = evaluation.metrics;
  if (error === undefined) return `${model} ends at a validation ${lossText}; no validation trial has enough steps after its go cue to tell how near it comes`;
  const stays = catchDeviation === undefined ? '' : `; without a go cue it strays ${metricText('catchDeviation', catchDeviation)}`;
  const distance = `${metricText('endPointError', error)} from its target (median; ${lossText})`;
  if (error > goodReach) return `${model} does not reach well yet: its hand ends ${distance}${stays}`;
  const soon = timeToTarget === undefined ? '' : `, within 5\u202fcm of it ${metricText('timeToTarget', timeToTarget)} after the go cue`;
  return `${model} reaches: its hand ends ${distance}${soon}${stays}`;
}

/** One sentence about state R² between the first two models, or null. */
export function likeness(summary: ExperimentSummary): string | null {
  const [first, second] = shownRuns(summary);
  const { similarity } = summary;
  if (!similarity || !first || !second) return null;
  const a = similarity.runs.indexOf(summary.runs.indexOf(first));
  const b = similarity.runs.indexOf(summary.runs.indexOf(second));
  const forward = similarity.r2[a]?.[b] ?? null;
  const backward = similarity.r2[b]?.[a] ?? null;
  if (forward === null || backward === null) return null;
  return `A straight-line map from the states of ${first.model} explains ${shareOfVariance(forward)} of the variance of those of ${second.model}; the other way round it explains ${shareOfVariance(backward)}`;
}

function shareOfVariance(r2: number): string {
  return r2 <= 0 ? 'none' : formatShare(r2, 0);
}

/** What was trained, e.g. `3-bit flip-flop, 500 steps a trial`. */
export function taskSentence({ task, reach }: ExperimentSummary): string {
  const length = `${formatPlural(task.steps, 'step')} a trial`;
  if (reach) return `${task.name} with ${reach.body.name} (${formatPlural(reach.body.muscleNames.length, 'muscle')}), ${length}`;
  if (task.name !== 'flipflop') return `${task.name}, ${length}`;
  return `${task.parameters.stimulated === true ? 'stimulated ' : ''}${task.outputLabels.length}-bit flip-flop, ${length}`;
}

/** `GRU with 128 units, 51 587 parameters`. */
export function modelSentence(run: RunSummary): string {
  return `${run.description}, ${formatCount(run.parameterCount)} parameters`;
}

/** `wasm (simd), 2 threads`. */
export function backendSentence({ name, variant, threads, adapter }: RunSummary['backend']): string {
  return `${name} (${variant}${adapter ? `, ${adapter}` : ''}), ${formatPlural(threads, 'thread')}`;
}
