// Which noise a rollout keeps, from what an analysis asks for: as in training, none, or sources switched one by one (docs/analysis.md).
import { ConfigError } from '../errors.js';
import { fillNormal } from '../random.js';
import type { EvaluateOptions } from '../rollout/evaluate.js';
import { evaluationKeys } from '../rollout/noise.js';
import type { TrialSet } from '../tasks/task.js';
import type { NoiseChoice } from './analysis.js';

const switches = ['initial', 'state', 'action', 'vision', 'proprioception', 'observation'] as const;

/** A choice of noise with nothing left open. */
export interface ResolvedNoise {
  /** As the task and training have it, or a standard deviation of noise on the noiseless inputs of the task. */
  readonly input: 'as trained' | number;
  readonly others: Readonly<Record<(typeof switches)[number], boolean>>;
  /** Equal choices have equal keys. */
  readonly key: string;
  /** In words, for tables and figures. */
  readonly text: string;
}

/**
 * Checks a choice and fills it in. Throws ConfigError, naming every problem, for sources that do not exist, deviations that are negative or not finite,
 * and numbers other than 0 where a source can only be on or off.
 */
export function resolveNoise(choice: NoiseChoice = {}): ResolvedNoise {
  const noiseless = choice.noiseless ?? false;
  const given = (choice.sources ?? {}) as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  const others = Object.fromEntries(switches.map((name) => [name, !noiseless])) as Record<(typeof switches)[number], boolean>;
  let input: ResolvedNoise['input'] = noiseless ? 0 : 'as trained';
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (name === 'input') {
      if (typeof value === 'boolean') input = value ? 'as trained' : 0;
      else if (typeof value === 'number' && Number.isFinite(value) && value >= 0) input = value;
      else problems.push(`input: expected true, false or a standard deviation of at least 0, got ${String(value)}`);
    } else if ((switches as readonly string[]).includes(name)) {
      if (typeof value === 'boolean') others[name as (typeof switches)[number]] = value;
      else if (value === 0) others[name as (typeof switches)[number]] = false;
      else problems.push(`${name}: expected true or false (the run says how strong it is), got ${String(value)}`);
    } else problems.push(`${name}: expected a source of noise among input, ${switches.join(', ')}, got ${JSON.stringify(name.slice(0, 40))}`);
  }
  if (problems.length > 0) throw new ConfigError('noise', problems);
  const off = switches.filter((name) => !others[name]);
  const key = `${input} ${off.join(' ')}`;
  return { input, others, key, text: textOf(input, off) };
}

function textOf(input: ResolvedNoise['input'], off: readonly string[]): string {
  if (input === 'as trained' && off.length === 0) return 'noise as in training';
  if (input === 0 && off.length === switches.length) return 'without noise';
  const parts = [
    input === 'as trained' ? null : input === 0 ? 'no noise on the inputs' : `noise of ${input} on the inputs`,
    off.length === 0 ? null : off.length === switches.length ? 'all other sources off' : `no ${off.join(', no ')} noise`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** The trials as a network with this noise is given them, and the other sources for `evaluate`. `trainingNoise`: what training adds to the inputs at every step. */
export function withNoise(
  set: TrialSet,
  noise: ResolvedNoise,
  { seed, trialIndices, trainingNoise }: { seed: number; trialIndices: Int32Array; trainingNoise: number },
): { set: TrialSet; noise: NonNullable<EvaluateOptions['noise']> } {
  if (noise.input === 'as trained') return { set, noise: { ...noise.others, input: trainingNoise } };
  return {
    set: { ...set, inputs: noise.input === 0 ? set.trueInputs : noisyInputs(set, noise.input, seed, trialIndices) },
    noise: { ...noise.others, input: 0 },
  };
}

/** Noiseless inputs plus normal draws times `deviation`: those that training's own noise on the inputs has in evaluations of this seed. */
function noisyInputs({ trials, trueInputs }: TrialSet, deviation: number, seed: number, trialIndices: Int32Array): Float32Array {
  const key = evaluationKeys(seed).input as NonNullable<ReturnType<typeof evaluationKeys>['input']>;
  const size = trueInputs.length / trials;
  const draws = new Float32Array(size);
  const inputs = new Float32Array(trueInputs.length);
  for (let trial = 0; trial < trials; trial++) {
    fillNormal(draws, key, trialIndices[trial] as number);
    for (let i = 0; i < size; i++) inputs[trial * size + i] = (trueInputs[trial * size + i] as number) + deviation * (draws[i] as number);
  }
  return inputs;
}
