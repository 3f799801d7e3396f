// The experiment that is being edited: its text is the one truth, and every change of a setting is a change of the text that keeps its comments.
import { isScalar, parseDocument } from 'yaml';
import type { Experiment } from '../src/config/experiment.js';
import { parseExperiments } from '../src/config/grid.js';
import { parseYaml } from '../src/config/yaml.js';
import { ConfigError } from '../src/errors.js';

/** A path in the text: `['models', 0, 'hiddenSize']`. */
export type Path = readonly (string | number)[];

export interface Draft {
  /** What the text says, unchecked; undefined where it is not even YAML. */
  readonly raw: unknown;
  /** The experiments of a valid text: one, or those of its grid. */
  readonly experiments: readonly Experiment[];
  /** Everything that is wrong, in the house's words. */
  readonly problems: readonly string[];
}

/** Reads and checks a text; `name` stands for it in messages. Never throws. */
export function readDraft(text: string, name: string): Draft {
  let raw: unknown;
  try {
    raw = parseYaml(text, name);
    return { raw, experiments: parseExperiments(raw, name), problems: [] };
  } catch (error) {
    return { raw, experiments: [], problems: error instanceof ConfigError ? error.problems : [(error as Error).message] };
  }
}

/** The value at a path of an unchecked experiment, or undefined. */
export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/**
 * The text with `value` at `path`, `undefined` to take it out; comments and the order of everything else stay. A JSON text stays JSON. Throws where the
 * text cannot be read or the path runs through something else than a map or list.
 */
export function withValue(text: string, path: Path, value: unknown): string {
  const isJson = text.trimStart().startsWith('{');
  const document = parseDocument(text, { schema: 'core', version: '1.2' });
  if (document.errors.length > 0) throw document.errors[0];
  if (value === undefined) document.deleteIn(path);
  else {
    // a key without a value (`task:`) is a null, which would not take anything below it
    for (let depth = 1; depth < path.length; depth++) if (document.getIn(path.slice(0, depth)) === null) document.deleteIn(path.slice(0, depth));
    const old = document.getIn(path, true);
    const plain = typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && /^[A-Za-z][\w-]*$/.test(value));
    if (plain && !isJson && isScalar(old) && old.range) return text.slice(0, old.range[0]) + String(value) + text.slice(old.range[1]);
    document.setIn(path, typeof value === 'object' && value !== null ? document.createNode(value, { flow: path.length > 1 }) : value);
  }
  return isJson ? `${JSON.stringify(document.toJS(), null, 2)}\n` : document.toString({ lineWidth: 0 });
}

/** Where a training option of model `index` is changed: with the model where it states it or is not alone, else for all. */
export function trainingPath(raw: unknown, index: number, option: string): Path {
  const models = valueAt(raw, ['models']);
  const own: Path = ['models', index, 'training', option];
  return valueAt(raw, own) !== undefined || (Array.isArray(models) && models.length > 1) ? own : ['training', option];
}

/** The problems that stand at a path or below it. */
export function problemsAt(problems: readonly string[], path: Path): string[] {
  const at = path.join('.');
  return problems.filter((text) => text.startsWith(`${at}:`) || text.startsWith(`${at}.`));
}
