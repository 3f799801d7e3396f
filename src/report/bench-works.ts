// Rows of benchmark suites put in order for pages: by kind of work, by what was done, the fastest first; and names of devices.
import { configurationName, type SuiteConfiguration, type SuiteGroup, type SuiteResult, type SuiteRow, suiteGroups } from '../runs/bench-result.js';
import { machineText } from '../runs/manifest.js';

/** One thing that was timed, on everything that did it, the fastest first. */
export interface Work {
  readonly group: SuiteGroup;
  readonly label: string;
  readonly rows: readonly SuiteRow[];
}

/** Kinds of work whose rows are compared with each other; starts and series have sections of their own. */
export const comparedGroups: readonly SuiteGroup[] = suiteGroups.filter((group) => group !== 'start-up' && group !== 'scaling');

/** How a group is called in sentences. */
export const groupNames: Readonly<Record<SuiteGroup, string>> = {
  training: 'Training steps',
  'closed loop': 'Training in closed loop with an arm',
  physics: 'Bodies',
  'fixed points': 'Fixed points',
  optimiser: 'Loss and optimiser',
  kernels: 'Kernels',
  'start-up': 'Starting',
  scaling: 'Scaling',
};

/** The works of a group, in the order in which they were measured. */
export function worksOf(rows: readonly SuiteRow[], group: SuiteGroup): Work[] {
  const found = new Map<string, SuiteRow[]>();
  for (const row of rows) if (row.group === group) found.set(row.label, [...(found.get(row.label) ?? []), row]);
  return [...found].map(([label, list]) => ({ group, label, rows: [...list].sort((a, b) => a.medianSeconds - b.medianSeconds) }));
}

/** Configurations in rows, in the order of their first appearance, those of one backend together. */
export function configurationsOf(rows: readonly SuiteRow[]): string[] {
  return [...new Set(rows.map(configurationName))];
}

/** Configurations with the most threads that their backend and variant were measured on. */
export function widest<T extends SuiteConfiguration>(all: readonly T[]): T[] {
  return all.filter((one) => !all.some((other) => other.backend === one.backend && other.variant === one.variant && other.threads > one.threads));
}

/** `A: linux x64, 2 cores, Intel Xeon, node 20`, one name a result; letters only where there are several. */
export function deviceNames(results: readonly SuiteResult[]): string[] {
  return results.map((result, i) => (results.length > 1 ? `${letter(i)}: ` : '') + deviceText(result));
}

/** A, B, … Z, AA. */
export function letter(i: number): string {
  return i < 26 ? String.fromCharCode(65 + i) : letter(Math.floor(i / 26) - 1) + letter(i % 26);
}

export function deviceText({ machine, rows }: SuiteResult): string {
  const adapters = [...new Set(rows.flatMap(({ adapter, software }) => (adapter && !software ? [adapter] : [])))];
  return [machineText(machine), machine.runtime, ...adapters].join(', ');
}

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** 0.0123 → `12.3 ms`. */
export function formatSeconds(seconds: number): string {
  const rounded = Number(seconds.toPrecision(3));
  const [value, unit] = rounded >= 1 ? [rounded, 's'] : rounded >= 1e-3 ? [1e3 * rounded, 'ms'] : [1e6 * rounded, 'µs'];
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))}\u202f${unit}`;
}

/** 1.34 → `1.3`, 38.2 → `38`: how many times. */
export function formatTimes(ratio: number): string {
  return ratio < 9.95 ? ratio.toFixed(1) : String(Number(ratio.toPrecision(ratio < 1000 ? 2 : 1)));
}

export function formatBytes(bytes: number): string {
  const rounded = Number(bytes.toPrecision(3));
  const [value, unit] = rounded >= 1e9 ? [rounded / 1e9, 'GB'] : rounded >= 1e6 ? [rounded / 1e6, 'MB'] : [rounded / 1e3, 'kB'];
  return `${Number(value.toPrecision(3))}\u202f${unit}`;
}
