// Options that commands about trained networks share: which noise, which checkpoint, which trials.
import { InvalidArgumentError } from 'commander';
import type { NoiseChoice, Phase } from '../analysis/analysis.js';
import { resolveNoise } from '../analysis/noise-choice.js';
import { ConfigError } from '../errors.js';
import type { CheckpointChoice } from '../runs/open-run.js';
import { wholeNumber } from './shared.js';

/** Option parser: `last`, `best`, or the number of an epoch. */
export function checkpointChoice(text: string): CheckpointChoice {
  if (text === 'last' || text === 'best') return text;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected last, best or the number of an epoch, got "${text}".`);
  return wholeNumber(1)(text);
}

/** Option parser: all, train, validation or val. */
export function phaseChoice(text: string): Phase {
  if (text === 'val') return 'validation';
  if (text !== 'all' && text !== 'train' && text !== 'validation') throw new InvalidArgumentError(`expected all, train or validation, got "${text}".`);
  return text;
}

/** Option parser of a list of words, each among those known. */
export function wordsAmong<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) => {
    const words = text.split(',').map((word) => word.trim());
    const bad = words.find((word) => !(known as readonly string[]).includes(word));
    if (bad !== undefined) throw new InvalidArgumentError(`expected some of ${known.join(', ')}, joined by commas, got "${bad}".`);
    return [...new Set(words)] as T[];
  };
}

/** The choice that `--noiseless` and the entries of `--noise`, `SOURCE=0` or `input=0.3`, come to. Throws ConfigError that names every bad entry. */
export function noiseChoice(noiseless: boolean | undefined, entries: readonly string[] = []): NoiseChoice {
  const sources: Record<string, number | boolean> = {};
  for (const entry of entries.flatMap((text) => text.split(','))) {
    const match = /^\s*([a-z]+)\s*=\s*(on|off|\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/i.exec(entry);
    if (!match) throw new ConfigError('--noise', [`expected SOURCE=0, SOURCE=on or input=NUMBER, got ${JSON.stringify(entry.slice(0, 60))}`]);
    const [, name, value] = match as unknown as [string, string, string];
    sources[name] = value === 'on' ? true : value === 'off' ? false : Number(value);
  }
  const choice: NoiseChoice = { noiseless: noiseless ?? false, sources };
  try {
    resolveNoise(choice);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError('--noise', error.problems);
    throw error;
  }
  return choice;
}
