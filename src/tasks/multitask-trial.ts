// One multitask trial from its draws: when what is shown, and what is asked for. Yang et al. 2019 (doi:10.1038/s41593-018-0310-2) and Driscoll, Shenoy &
// Sussillo 2024, with the inputs and outputs of CtDB (Versteeg et al. 2025). Random numbers are drawn elsewhere (multitask.ts); `check` brings recorded ones.
import { type MultitaskName, multitaskNames, type MultitaskOptions } from './multitask-options.js';
import type { TrialPhase } from './task.js';

/** Inputs: fixation, cosine and sine of either modality, one rule for each task. */
export const multitaskInputs = 20;
/** Outputs: fixation, cosine and sine of the response. */
export const multitaskOutputs = 3;

/** Input channel of each task's rule, whatever the order of an experiment's list; CtDB orders its inputs otherwise than its training (`multitaskNames`). */
const ruleChannels: Readonly<Record<MultitaskName, number>> = {
  DelayPro: 5,
  DelayAnti: 6,
  MemoryPro: 7,
  MemoryAnti: 8,
  ReactPro: 9,
  ReactAnti: 10,
  IntMod1: 11,
  IntMod2: 12,
  ContextIntMod1: 13,
  ContextIntMod2: 14,
  ContextIntMultimodal: 15,
  Match2Sample: 16,
  NonMatch2Sample: 17,
  MatchCatPro: 18,
  MatchCatAnti: 19,
};

/** Input channel of a task's rule, 5 to 19. */
export function ruleChannel(task: MultitaskName): number {
  return ruleChannels[task];
}

export const multitaskInputLabels: readonly string[] = [
  'Fixation',
  'Modality 1 cos',
  'Modality 1 sin',
  'Modality 2 cos',
  'Modality 2 sin',
  ...multitaskNames.toSorted((a, b) => ruleChannels[a] - ruleChannels[b]),
];
export const multitaskOutputLabels: readonly string[] = ['Fixation', 'Response cos', 'Response sin'];

/** Phases in order of time; the families leave some out. */
export const phaseNames = ['context', 'stim1', 'mem1', 'stim2', 'mem2', 'response'] as const;
export type PhaseName = (typeof phaseNames)[number];
export type Family = 'delay' | 'memory' | 'react' | 'decision' | 'match';

/** Shortest and longest duration of each phase, ms; the longest itself is never drawn. */
export const phaseDurations: Readonly<Record<Family, Readonly<Partial<Record<PhaseName, readonly [number, number]>>>>> = {
  delay: { context: [300, 700], stim1: [200, 1500], response: [300, 700] },
  memory: { context: [300, 700], stim1: [200, 1600], mem1: [200, 1600], response: [300, 700] },
  react: { context: [500, 2500], response: [300, 1700] },
  decision: { context: [200, 600], stim1: [200, 1600], mem1: [200, 1600], stim2: [200, 1600], mem2: [100, 300], response: [300, 700] },
  match: { context: [200, 600], stim1: [200, 1600], mem1: [200, 1600], response: [300, 700] },
};

export function familyOf(task: MultitaskName): Family {
  if (task.startsWith('Delay')) return 'delay';
  if (task.startsWith('Memory')) return 'memory';
  if (task.startsWith('React')) return 'react';
  return task.includes('Int') ? 'decision' : 'match';
}

/** Whether a task asks for the opposite of its stimulus: −1, or 1. */
const directionOf = (task: MultitaskName): 1 | -1 => (task.endsWith('Anti') ? -1 : 1);

/** Every random number of a trial. Angles in rad; amplitudes of the first and second stimulus in either modality; `responds` only where it is drawn. */
export interface MultitaskDraws {
  readonly task: MultitaskName;
  /** Steps of each phase; 0 or absent: the family has none. */
  readonly lengths: Readonly<Partial<Record<PhaseName, number>>>;
  /** Directions of the first and the second stimulus. */
  readonly angles: readonly [number, number];
  /** Decision tasks: amplitude of modality 1 and 2 in each stimulus, [[a₁, a₂], [b₁, b₂]]. */
  readonly amplitudes?: readonly [readonly [number, number], readonly [number, number]];
  /** Match2Sample: both stimuli are the same; NonMatch2Sample: the second is opposite (or differs). */
  readonly responds?: boolean;
  /** Modality of the stimuli of all other tasks: 0 or 1. */
  readonly modality?: 0 | 1;
}

/** A stimulus: steps `start` … `end − 1` of modality 0 or 1 with this value. */
interface Stimulus {
  readonly start: number;
  readonly end: number;
  readonly modality: number;
  readonly value: readonly [number, number];
}

/** A trial laid out in time. */
export interface MultitaskPlan {
  readonly task: MultitaskName;
  readonly length: number;
  readonly phases: readonly TrialPhase[];
  /** First and last + 1 step of the response. */
  readonly response: readonly [number, number];
  readonly stimuli: readonly Stimulus[];
  /** Step from which the fixation input is off. */
  readonly fixationInputEnd: number;
  /** Whether the fixation target is 1 before the response. */
  readonly fixates: boolean;
  /** Fixation target in the response. */
  readonly fixationInResponse: number;
  /** Response target; [0, 0]: none. */
  readonly target: readonly [number, number];
}

type Rules = Pick<MultitaskOptions, 'compat' | 'noResponse'>;

/** Lays a trial out. Phases of no steps are left out, but for those of the family's list. */
export function planTrial(draws: MultitaskDraws, options: Rules): MultitaskPlan {
  const { task, lengths } = draws;
  const family = familyOf(task);
  const phases: TrialPhase[] = [];
  let at = 0;
  for (const name of phaseNames) {
    if (!(name in phaseDurations[family])) continue;
    const end = at + (lengths[name] ?? 0);
    phases.push({ name, start: at, end });
    at = end;
  }
  const of = (name: PhaseName): TrialPhase => phases.find((phase) => phase.name === name) as TrialPhase;
  const response = of('response');
  const target = responseOf(draws, options);
  const silent = target[0] === 0 && target[1] === 0;
  return {
    task,
    length: at,
    phases,
    response: [response.start, response.end],
    stimuli: stimuliOf(draws, family, of),
    fixationInputEnd: family === 'react' || family === 'match' ? at : response.start,
    fixates: options.compat !== 'ctdb' || !(task === 'NonMatch2Sample' || task === 'MatchCatPro' || task === 'MatchCatAnti'),
    fixationInResponse: silent && options.noResponse === 'fixate' ? 1 : 0,
    target,
  };
}

const unit = (angle: number, size = 1): [number, number] => [size * Math.cos(angle), size * Math.sin(angle)];

function stimuliOf(draws: MultitaskDraws, family: Family, of: (name: PhaseName) => TrialPhase): Stimulus[] {
  const { task, angles, modality = 0, amplitudes } = draws;
  const { start, end } = of('response');
  const first = unit(angles[0]);
  switch (family) {
    case 'delay':
      return [{ start: of('stim1').start, end, modality, value: first }];
    case 'memory':
      return [{ ...span(of('stim1')), modality, value: first }];
    case 'react':
      return [{ start, end, modality, value: first }];
    case 'match':
      return [
        { ...span(of('stim1')), modality, value: first },
        { start, end, modality, value: unit(angles[1]) },
      ];
    case 'decision': {
      const [a, b] = amplitudes as NonNullable<typeof amplitudes>;
      const shown = (pair: readonly [number, number], channel: number): Stimulus[] => [
        { ...span(of('stim1')), modality: channel, value: unit(angles[0], pair[0]) },
        { ...span(of('stim2')), modality: channel, value: unit(angles[1], pair[1]) },
      ];
      // IntMod2 shows the magnitudes of modality 1 in modality 2.
      if (task === 'IntMod1') return shown(a, 0);
      if (task === 'IntMod2') return shown(a, 1);
      return [...shown(a, 0), ...shown(b, 1)];
    }
  }
}

const span = ({ start, end }: TrialPhase) => ({ start, end });

/** Two magnitudes closer than this are a tie: drawn ones differ by a multiple of 0.16, but for rounding. */
const tie = 1e-9;

/** Which of the two stimuli is the larger, 0 or 1, in what the task asks to look at; the first on a tie. */
export function largerStimulus({ task, amplitudes }: MultitaskDraws, compat: MultitaskOptions['compat']): 0 | 1 {
  const [a, b] = amplitudes as NonNullable<typeof amplitudes>;
  const [first, second] = task === 'ContextIntMultimodal' ? [a[0] + b[0], a[1] + b[1]] : task === 'ContextIntMod2' ? b : a;
  if (compat === 'ctdb') return first >= second ? 0 : 1;
  return first > second - tie ? 0 : 1;
}

function responseOf(draws: MultitaskDraws, { compat }: Rules): [number, number] {
  const { task, angles, responds } = draws;
  const silence: [number, number] = [0, 0];
  switch (familyOf(task)) {
    case 'delay':
    case 'memory':
    case 'react':
      return unit(angles[0], directionOf(task));
    case 'decision':
      return unit(angles[largerStimulus(draws, compat)]);
    case 'match': {
      const same = angles[0] < 0 === angles[1] < 0;
      const asked = task === 'MatchCatPro' ? same : task === 'MatchCatAnti' ? !same : responds === true;
      return asked ? unit(angles[1]) : silence;
    }
  }
}

/** Writes noiseless inputs [T, 20] and targets [T, 3] of a trial into arrays of zeros. */
export function fillTrial(plan: MultitaskPlan, inputs: Float32Array, targets: Float32Array): void {
  const { length, stimuli, fixationInputEnd, response, target, fixates, fixationInResponse } = plan;
  const rule = ruleChannel(plan.task);
  for (let step = 0; step < length; step++) {
    inputs[step * multitaskInputs + rule] = 1;
    if (step < fixationInputEnd) inputs[step * multitaskInputs] = 1;
    if (step < response[0] && fixates) targets[step * multitaskOutputs] = 1;
  }
  for (const { start, end, modality, value } of stimuli) {
    for (let step = start; step < end; step++) inputs.set(value, step * multitaskInputs + 1 + 2 * modality);
  }
  for (let step = response[0]; step < response[1]; step++) targets.set([fixationInResponse, target[0], target[1]], step * multitaskOutputs);
}
