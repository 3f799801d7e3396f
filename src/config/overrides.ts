// Changing one option of an experiment by its path, as --set and grid do: `training.epochs`, `models.0.hiddenSize`, `models.GRU-128.hiddenSize`.
import { ConfigError } from '../errors.js';
import { defaultModelNames } from './names.js';
import { suggestion, valueText } from './problems.js';

/**
 * A copy of an unchecked experiment with `value` at `path`. Objects on the way are made where they are missing; whether the option exists is the
 * parser's to say. Throws ConfigError when the path runs through something that is not an object or list, or names no model.
 */
export function setOption(experiment: unknown, path: string, value: unknown, where: string): unknown {
  const keys = path.split('.');
  const bad = keys.find((key) => key === '' || key === '__proto__' || key === 'constructor' || key === 'prototype');
  if (bad !== undefined) throw new ConfigError(where, [`${path}: expected option names joined by dots, got ${bad === '' ? 'an empty name' : `'${bad}'`}`]);
  return setBelow(experiment, keys, 0, value, where);
}

function setBelow(holder: unknown, keys: readonly string[], depth: number, value: unknown, where: string): unknown {
  if (depth === keys.length) return value;
  const key = keys[depth] as string;
  if (Array.isArray(holder)) {
    const index = indexOf(holder, keys, depth, where);
    return holder.map((item, i) => (i === index ? setBelow(item, keys, depth + 1, value, where) : item));
  }
  if (holder !== undefined && (holder === null || typeof holder !== 'object')) {
    throw new ConfigError(where, [`${keys.join('.')}: expected options below ${keys.slice(0, depth).join('.')}, got ${valueText(holder)}`]);
  }
  const fields = (holder ?? {}) as Record<string, unknown>;
  return { ...fields, [key]: setBelow(Object.hasOwn(fields, key) ? fields[key] : undefined, keys, depth + 1, value, where) };
}

/** The place in a list that a segment names: a number from 0, or below `models` a model's name. */
function indexOf(items: readonly unknown[], keys: readonly string[], depth: number, where: string): number {
  const key = keys[depth] as string;
  if (/^\d+$/.test(key) && Number(key) < items.length) return Number(key);
  const listed = keys.slice(0, depth).join('.');
  const names = listed === 'models' ? defaultModelNames(items) : [];
  const named = names.indexOf(key);
  if (named >= 0) return named;
  const range = items.length === 0 ? 'an entry (there are none)' : `0 to ${items.length - 1}`;
  const advice = suggestion(key, names);
  throw new ConfigError(where, [
    `${keys.join('.')}: expected ${range}${names.length > 0 ? ` or one of ${names.join(', ')}` : ''} below ${listed}, got '${key}'${advice ? `; ${advice}` : ''}`,
  ]);
}
