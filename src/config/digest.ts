// The same text for the same meaning, and its name in 16 hexadecimal digits.
import { type RandomKey, threefry } from '../random.js';
import { isObject } from './raw.js';

/** JSON with sorted keys and without absent ones: one text for one meaning. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** Threefry as a chained compression of the text's UTF-16 units, four a block, its length last. */
export function digest(text: string): string {
  let key: RandomKey = [0x6d6c6f6f, 0x70];
  const unit = (at: number): number => (at < text.length ? text.charCodeAt(at) : 0);
  for (let at = 0; at < text.length; at += 4) key = threefry(key, unit(at) | (unit(at + 1) << 16), unit(at + 2) | (unit(at + 3) << 16));
  key = threefry(key, text.length, 0);
  return key.map((part) => part.toString(16).padStart(8, '0')).join('');
}
