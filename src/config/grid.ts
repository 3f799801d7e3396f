// A grid: the experiments that a value with `grid` spans, one per combination of its values, each with a name that can be a folder.
import { ConfigError } from '../errors.js';
import { digest } from './digest.js';
import { type Experiment, experimentHash, parseExperiment } from './experiment.js';
import { setOption } from './overrides.js';
import { hostileProblems, problem } from './problems.js';

/** One path that a grid varies. `label` is the path's last name; the values are as written. */
export interface GridAxis {
  readonly path: string;
  readonly label: string;
  readonly values: readonly unknown[];
}

/** One combination. `folder` names it among the others, `noise-0.3_hiddenSize-16`; `values` go with the axes. */
export interface GridPoint {
  readonly folder: string;
  readonly values: readonly unknown[];
  readonly experiment: Experiment;
}

/** A checked grid. `hash`: 16 hexadecimal digits over everything that shapes the results of its points, in their order. */
export interface Grid {
  readonly name: string;
  readonly axes: readonly GridAxis[];
  readonly points: readonly GridPoint[];
  readonly hash: string;
}

type Raw = Record<string, unknown>;
const isObject = (value: unknown): value is Raw => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The most experiments that one grid spans. */
const largestGrid = 1000;
/** Problems of combinations that are listed: one slip of the pen is in many of them. */
const mostProblems = 20;
/** Axes of seeds: their points are replicates of one another. */
const seedPaths: readonly string[] = ['seed', 'seeds'];

/** Whether points that differ only along this axis are replicates. */
export function isSeedAxis({ path }: GridAxis): boolean {
  return seedPaths.includes(path);
}

/** The experiments of a value with or without `grid`: one per combination of its values, the last path varying fastest. Throws like `parseGrid`. */
export function parseExperiments(value: unknown, where: string): Experiment[] {
  return parseGrid(value, where)?.points.map(({ experiment }) => experiment) ?? [parseExperiment(value, where)];
}

/**
 * Checks a value with `grid` and every experiment that it spans; null for a value without. Each experiment is named after the value's name and its
 * combination, `NAME_noise-0.3_hiddenSize-16`, or by its number where that would be no name or not unique. A number in an axis `seeds` stands for
 * the list of it alone. Throws ConfigError that lists every problem: axes that are no list, empty, or hold a value twice; more than 1000
 * combinations; unknown paths and bad values, each once, however many combinations have them.
 */
export function parseGrid(value: unknown, where: string): Grid | null {
  if (!isObject(value) || value.grid === undefined) return null;
  const hostile = hostileProblems(value);
  if (hostile.length > 0) throw new ConfigError(where, hostile);
  const { grid, ...base } = value;
  if (!isObject(grid) || Object.keys(grid).length === 0) {
    throw new ConfigError(where, [problem(['grid'], 'lists of values by path, e.g. { task.noise: [0.15, 0.3] }', grid)]);
  }
  const problems = Object.entries(grid).flatMap(([path, values]) => axisProblems(path, values));
  const axes = Object.entries(grid).flatMap(([path, values]) =>
    Array.isArray(values) && values.length > 0 ? [{ path, label: path.split('.').at(-1) as string, values: values as unknown[] }] : [],
  );
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > largestGrid) {
    const sizes = axes.map(({ values }) => values.length).join(' × ');
    problems.push(`grid: expected at most ${largestGrid} combinations, got ${count} (${sizes}); leave out values, or write several grids`);
  }
  // Of a grid that is too large, each value once; of any other, every combination.
  const combinations = count > largestGrid ? variations(axes) : combine(axes);
  const folders = folderNames(axes, combinations);
  const points: GridPoint[] = [];
  for (const [i, values] of combinations.entries()) {
    const folder = folders[i] as string;
    const { point, wrong } = pointOf({ ...base, name: `${String(base.name)}_${folder}` }, axes, values, where);
    try {
      points.push({ folder, values, experiment: parseExperiment(point, where) });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      wrong.push(...error.problems);
    }
    problems.push(...wrong.map((text) => (axes.some(({ path }) => text.startsWith(path)) || combinations.length === 1 ? text : `${text} (${folder})`)));
  }
  const listed = onlyOnce(problems);
  if (listed.length > 0) {
    const more = listed.length - mostProblems;
    throw new ConfigError(where, [...listed.slice(0, mostProblems), ...(more > 0 ? [`and ${more} more`] : [])]);
  }
  const hash = digest(points.map(({ experiment }) => experimentHash(experiment)).join(' '));
  return { name: String(base.name), axes, points, hash };
}

function axisProblems(path: string, values: unknown): string[] {
  if (!Array.isArray(values) || values.length === 0) return [problem(['grid', path], 'a list of at least one value', values)];
  const texts = values.map((item) => JSON.stringify(item));
  const twice = texts.findIndex((text, i) => texts.indexOf(text) < i);
  return twice < 0 ? [] : [problem(['grid', path, twice], 'values that differ', values[twice])];
}

/** The base with one value of each axis set, and what is wrong with paths that lead nowhere. */
function pointOf(base: Raw, axes: readonly GridAxis[], values: readonly unknown[], where: string): { point: unknown; wrong: string[] } {
  const wrong: string[] = [];
  const point = axes.reduce<unknown>((changed, { path }, axis) => {
    const item = values[axis];
    try {
      return setOption(changed, path, path === 'seeds' && !Array.isArray(item) ? [item] : item, where);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      wrong.push(...error.problems);
      return changed;
    }
  }, base);
  return { point, wrong };
}

/** Problems without repetitions: the combination that has one does not count, and an unknown option counts once, whatever it is set to. */
function onlyOnce(problems: readonly string[]): string[] {
  const kept = new Map<string, string>();
  for (const text of problems) {
    const key = text.includes(': expected a known option') ? text.slice(0, text.indexOf(', got ')) : text.replace(/ \([^()]*\)$/, '');
    if (!kept.has(key)) kept.set(key, text);
  }
  return [...kept.values()];
}

/** The first value of every axis, and all other values one at a time. */
function variations(axes: readonly GridAxis[]): unknown[][] {
  const first = axes.map(({ values }) => values[0]);
  return [first, ...axes.flatMap(({ values }, axis) => values.slice(1, largestGrid).map((item) => first.map((other, i) => (i === axis ? item : other))))];
}

/** All combinations, the last axis varying fastest. */
function combine(axes: readonly GridAxis[]): unknown[][] {
  return axes.reduce<unknown[][]>((rows, { values }) => rows.flatMap((row) => values.map((item) => [...row, item])), [[]]);
}

/** A name for each combination: its labels and values, or its number where that would be no name or not unique. */
function folderNames(axes: readonly GridAxis[], combinations: readonly (readonly unknown[])[]): string[] {
  const names = combinations.map((values) => values.map((item, axis) => `${axes[axis]?.label}-${String(item)}`).join('_'));
  const usable = new Set(names.map((name) => name.toLowerCase())).size === names.length && names.every((name) => /^[A-Za-z0-9._+-]{1,60}$/.test(name));
  return usable ? names : names.map((_, i) => String(i + 1));
}
