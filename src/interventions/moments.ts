// Times within a trial: `120`, `0.2 s`, `go`, `go + 10`, `target - 0.05 s`. From text to a step of each trial.
import type { Task, TrialSet } from '../tasks/task.js';
import type { Intervention, Moment } from './options.js';

/** Steps or seconds after (or before) an event; without event after the start of the trial. */
interface ParsedMoment {
  readonly event: string | null;
  readonly amount: number;
  readonly seconds: boolean;
}

const absolute = /^(\d+(?:\.\d+)?)\s*(s|steps?)?$/;
const relative = /^([a-z]\w*)(?:\s*([+-])\s*(\d+(?:\.\d+)?)\s*(s|steps?)?)?$/i;

/** Null for text that is no time. */
export function parseMoment(moment: Moment): ParsedMoment | null {
  if (typeof moment === 'number') return { event: null, amount: moment, seconds: false };
  const text = moment.trim();
  const plain = absolute.exec(text);
  if (plain) return { event: null, amount: Number(plain[1]), seconds: plain[2] === 's' };
  const match = relative.exec(text);
  if (!match) return null;
  const amount = (match[2] === '-' ? -1 : 1) * Number(match[3] ?? 0);
  return { event: match[1] as string, amount, seconds: match[4] === 's' };
}

/** Relative distance from a whole number of steps that counts as rounding. */
const rounding = 1e-9;

/** A time in steps; null where seconds are no whole number of them, or the task has no unit of time. */
export function stepsOf({ amount, seconds }: ParsedMoment, stepDuration: number | null): number | null {
  if (seconds && stepDuration === null) return null;
  const steps = seconds ? amount / (stepDuration as number) : amount;
  const nearest = Math.round(steps);
  return Math.abs(steps - nearest) <= rounding * Math.max(1, Math.abs(nearest)) ? nearest : null;
}

/** What is wrong with a time, as `expected …` and advice; null: nothing. `events`: those of the task, or null where they are not known yet. */
export function momentProblem(moment: Moment, stepDuration: number | null, events: readonly string[] | null): { expected: string; advice?: string } | null {
  const parsed = parseMoment(moment);
  if (!parsed) return { expected: 'a step, or text like 0.2 s, go, go + 10 or target - 0.05 s' };
  const known = events === null || parsed.event === null || events.includes(parsed.event);
  if (!known)
    return {
      expected: events.length === 0 ? 'a step or a time: this task has no events' : `an event of the task among ${events.join(', ')}`,
    };
  if (stepsOf(parsed, stepDuration) !== null) return null;
  if (parsed.seconds && stepDuration === null) return { expected: 'a number of steps: this task has no unit of time' };
  return parsed.seconds ? { expected: `a multiple of the time step, ${stepDuration} s` } : { expected: 'a whole number of steps' };
}

/** Events of a set's trials by name: reaching has `target` and `go` (alias `response`), tasks with phases have the first step of each. */
export function eventNames(task: Pick<Task, 'plant'>, set: TrialSet): string[] {
  const names = new Set<string>();
  if (hasReachTimes(task, set)) for (const name of ['target', 'go', 'response']) names.add(name);
  for (const phases of set.phases ?? []) for (const { name } of phases) names.add(name);
  if (names.has('response')) names.add('go');
  return [...names];
}

/** Step of an event in a trial; null where the trial does not have it, as a catch trial has no go cue. */
function eventStep(task: Pick<Task, 'plant'>, set: TrialSet, trial: number, event: string): number | null {
  if (hasReachTimes(task, set)) {
    const step = set.extra[2 * trial + (event === 'target' ? 0 : 1)] as number;
    if (event === 'target' || event === 'go' || event === 'response') return step < 0 ? null : step;
  }
  const phases = set.phases?.[trial] ?? [];
  const phase = phases.find(({ name }) => name === event) ?? (event === 'go' ? phases.find(({ name }) => name === 'response') : undefined);
  return phase ? phase.start : null;
}

/** Reaching keeps the steps of target and go cue in `extra`. */
function hasReachTimes({ plant }: Pick<Task, 'plant'>, { extra, trials }: TrialSet): boolean {
  return plant !== undefined && extra.length === 2 * trials;
}

/** Steps `from` to `until` − 1. */
export interface StepWindow {
  readonly from: number;
  readonly until: number;
}

/** When an intervention begins where nothing is said: a target jumps at the go cue, all else begins with the trial. */
export const startOf = ({ kind, from }: Intervention): Moment => from ?? (kind === 'target-jump' ? 'go' : 0);

/** When an intervention acts in a trial, cut to its steps; null: not at all. Times that were checked (`momentProblem`). */
export function windowOf(option: Intervention, task: Pick<Task, 'plant' | 'stepDuration'>, set: TrialSet, trial: number): StepWindow | null {
  const at = (moment: Moment): number | null => {
    const parsed = parseMoment(moment) as ParsedMoment;
    const offset = stepsOf(parsed, task.stepDuration) as number;
    if (parsed.event === null) return offset;
    const event = eventStep(task, set, trial, parsed.event);
    return event === null ? null : event + offset;
  };
  const end = set.lengths?.[trial] ?? set.steps;
  const from = at(startOf(option));
  if (from === null) return null;
  const until = option.duration !== undefined ? from + (at(option.duration) as number) : option.until === undefined ? end : at(option.until);
  if (until === null) return null;
  const window = { from: Math.max(0, from), until: Math.min(end, until) };
  return window.until > window.from ? window : null;
}
