// Parts of trials: those of one condition (a task of a battery), in one phase of each (stimulus, memory, response). Masks, and pieces of arrays by them.
import { ConfigError, ShapeError } from '../errors.js';
import type { TrialPhase } from '../tasks/task.js';
import type { Phase, TrialArray } from './analysis.js';
import type { RunAnalysis } from './run-analysis.js';
import { phaseOf, type PhaseName } from './trial-array.js';

/** Which steps of which trials; what is left out, or null, is all. */
export interface TrialPart {
  /** Name of the condition. */
  readonly condition?: string | null;
  /** Name of the phase of the trial. */
  readonly phase?: string | null;
}

/** `MemoryPro, mem1`. */
export function partText({ condition, phase }: TrialPart): string {
  return [condition, phase].filter((name) => name !== undefined && name !== null).join(', ') || 'all trials';
}

/** Conditions and phases of the trials of an analysis. */
export class TrialParts {
  readonly trials: number;
  readonly steps: number;
  /** Which trials these are. */
  readonly part: Phase;
  /** Names of the conditions that occur, in the task's order. */
  readonly conditionNames: readonly string[];
  /** Names of the phases that occur, in order of time. */
  readonly phaseNames: readonly string[];
  /** Name of each trial's condition [S]. */
  readonly conditions: readonly string[];
  readonly #lengths: Int32Array;
  readonly #phases: readonly (readonly TrialPhase[])[] | null;

  constructor(trials: {
    readonly part: Phase;
    readonly steps: number;
    /** [S]. */
    readonly conditions: Int32Array;
    readonly labels: readonly string[];
    /** [S]. */
    readonly lengths: Int32Array;
    readonly phases: readonly (readonly TrialPhase[])[] | null;
  }) {
    const { part, steps, conditions, labels, lengths, phases } = trials;
    this.trials = conditions.length;
    this.steps = steps;
    this.part = part;
    const named = (condition: number) => labels[condition] ?? `condition ${condition}`;
    this.conditions = Array.from(conditions, named);
    this.conditionNames = [...new Set(conditions)].sort((a, b) => a - b).map(named);
    this.phaseNames = inOrder(phases ?? []);
    this.#lengths = lengths;
    this.#phases = phases;
  }

  /** Which trials are of a condition [S], 1 or 0; every trial is of exactly one. Throws ConfigError, listing those there are, for another name. */
  trialMask(condition: string): Uint8Array {
    this.#check('condition', condition, this.conditionNames);
    return Uint8Array.from(this.conditions, (name) => (name === condition ? 1 : 0));
  }

  /** Which steps belong to a part [S, T], 1 or 0; steps behind a trial's end never do. Throws ConfigError for names that do not occur. */
  mask(part: TrialPart): Uint8Array {
    const mask = new Uint8Array(this.trials * this.steps);
    for (const { trial, start, end } of this.pieces(part)) mask.fill(1, trial * this.steps + start, trial * this.steps + end);
    return mask;
  }

  /** The stretches of trials that a part consists of, those without a step left out. Throws ConfigError for names that do not occur. */
  pieces({ condition = null, phase = null }: TrialPart): { readonly trial: number; readonly start: number; readonly end: number }[] {
    if (condition !== null) this.#check('condition', condition, this.conditionNames);
    if (phase !== null) this.#check('phase', phase, this.phaseNames);
    return this.conditions.flatMap((name, trial) => {
      if (condition !== null && name !== condition) return [];
      const length = this.#lengths[trial] as number;
      const stretches = phase === null ? [{ start: 0, end: length }] : (this.#phases?.[trial] ?? []).filter((own) => own.name === phase);
      return stretches.flatMap(({ start, end }) => (Math.min(end, length) > start ? [{ trial, start, end: Math.min(end, length) }] : []));
    });
  }

  /** Every pair of condition and phase that has a step, conditions first; conditions alone where the task has no phases. */
  parts(): TrialPart[] {
    return this.conditionNames.flatMap((condition) => {
      const phases = this.phaseNames.filter((phase) => this.pieces({ condition, phase }).length > 0);
      return phases.length > 0 ? phases.map((phase) => ({ condition, phase })) : [{ condition }];
    });
  }

  /** A part of an array over these trials, or several, one row of the result a stretch [pieces, longest, W] with its length. Throws ShapeError where it has no step. */
  cut({ trials, steps, width, values }: TrialArray, part: TrialPart | readonly TrialPart[]): TrialArray {
    if (trials !== this.trials || steps !== this.steps)
      throw new ShapeError(`TrialParts.cut: expected ${this.trials} trials of ${this.steps} steps, got ${trials} of ${steps}`);
    const wanted: readonly TrialPart[] = Array.isArray(part) ? part : [part];
    const pieces = wanted.flatMap((one) => this.pieces(one));
    if (pieces.length === 0) throw new ShapeError(`TrialParts.cut: expected a step of ${wanted.map(partText).join('; ')}, got none in ${trials} trials`);
    const longest = pieces.reduce((most, { start, end }) => Math.max(most, end - start), 0);
    const size = pieces.length * longest * width;
    const cut = values instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
    pieces.forEach(({ trial, start, end }, i) => {
      cut.set(values.subarray((trial * steps + start) * width, (trial * steps + end) * width), i * longest * width);
    });
    return { trials: pieces.length, steps: longest, width, values: cut, lengths: Int32Array.from(pieces, ({ start, end }) => end - start) };
  }

  /**
   * One input for a part [W]: the mean over all its steps, or that of the first step of its stretch number `trial`. Throws ShapeError where there is none.
   */
  input(inputs: TrialArray, part: TrialPart, trial: number | 'mean'): Float64Array {
    const cut = this.cut(inputs, part);
    const { width, values, steps } = cut;
    if (trial !== 'mean') {
      if (!(Number.isInteger(trial) && trial >= 0 && trial < cut.trials))
        throw new ShapeError(`TrialParts.input: expected a trial from 0 to ${cut.trials - 1} of ${partText(part)}, got ${trial}`);
      return Float64Array.from(values.subarray(trial * steps * width, (trial * steps + 1) * width));
    }
    const mean = new Float64Array(width);
    let samples = 0;
    cut.lengths?.forEach((length, piece) => {
      samples += length;
      for (let i = 0; i < length * width; i++) mean[i % width] = (mean[i % width] as number) + (values[piece * steps * width + i] as number);
    });
    return mean.map((sum) => sum / samples);
  }

  #check(what: string, name: string, known: readonly string[]): void {
    if (!known.includes(name))
      throw new ConfigError('trials', [`${what}: expected ${known.join(', ') || 'none, as the task has none'}, got ${JSON.stringify(name)}`]);
  }
}

/** Names of phases in the order in which trials have them: each behind those that come before it anywhere. */
function inOrder(trials: readonly (readonly TrialPhase[])[]): string[] {
  const before = new Map<string, Set<string>>();
  for (const phases of trials)
    for (const [i, { name }] of phases.entries()) {
      const known = before.get(name) ?? new Set<string>();
      for (const earlier of phases.slice(0, i)) known.add(earlier.name);
      before.set(name, known);
    }
  const ordered: string[] = [];
  const left = new Set(before.keys());
  while (left.size > 0) {
    // in a circle of orders the name met first comes first
    const next =
      [...left].find((name) => [...(before.get(name) as Set<string>)].every((earlier) => !left.has(earlier) || earlier === name)) ?? ([...left][0] as string);
    ordered.push(next);
    left.delete(next);
  }
  return ordered;
}

/** Conditions and phases of a run's trials. */
export async function trialParts(analysis: RunAnalysis, phase: PhaseName = 'all'): Promise<TrialParts> {
  return new TrialParts({
    part: phaseOf(phase),
    steps: analysis.trials.steps,
    conditions: await analysis.getConditions(phase),
    labels: analysis.task.conditionLabels ?? [],
    lengths: await analysis.getTrialLengths(phase),
    phases: await analysis.getTrialPhases(phase),
  });
}
