// What a benchmark suite found, in sentences: what is fastest for which work, by how much, how far from the ceiling; laws of scaling; runs that agree.
import { lawAt, lawBound, type ScalingLaw } from '../analysis/scaling-law.js';
import { configurationName, type ScalingVariable, type SuiteGroup, type SuiteOmission, type SuiteResult, type SuiteRow } from '../runs/bench-result.js';
import { formatCount, formatList, formatNumber, formatPlural } from './format.js';
import { comparedGroups, deviceNames, formatSeconds, formatTimes, groupNames, letter, median, type Work, worksOf } from './bench-works.js';

/** A sentence on everything, and one on each kind of work that was measured: the command line prints them, the page begins with them. */
export function suiteSentences({ rows }: SuiteResult): string[] {
  const kinds = comparedGroups.flatMap((group) => {
    const works = worksOf(rows, group);
    return works.length === 0 ? [] : [{ group, works }];
  });
  const all = kinds.length > 1 ? [`All in all: ${overall(kinds.flatMap(({ works }) => works))}.`] : [];
  return [...all, ...kinds.map(({ group, works }) => `${groupNames[group]}: ${verdict(works)}.`)];
}

/** The configuration that wins most, and the best one of every other backend. */
function overall(works: readonly Work[]): string {
  const [best] = winners(works) as [Wins];
  const backendOf = (name: string) => works.flatMap(({ rows }) => rows).find((row) => configurationName(row) === name)?.backend;
  const backends = new Map<string | undefined, { readonly name: string; readonly times: number }>();
  for (const rival of rivals(works, best.name)) {
    const backend = backendOf(rival.name);
    if (backend !== backendOf(best.name) && !backends.has(backend)) backends.set(backend, rival);
  }
  const others = [...backends.values()].map(
    ({ name, times }, i) => `${name} ${i === 0 ? 'takes ' : ''}${formatTimes(times)} times${i === 0 ? ' as long' : ''}`,
  );
  const won = `${best.name} is fastest in ${best.works.length === works.length ? 'all' : `${best.works.length} of`} ${formatCount(works.length)}`;
  return [won, ...(others.length > 0 ? [`where both were measured, ${formatList(others)} (medians)`] : [])].join('; ');
}

/** What is missing, where something is: what computed something wrong, and what no time was left for. */
export function missingSentences({ suite: { omissions } }: SuiteResult): string[] {
  const [wrong, late] = (['wrong', 'time'] as const).map((kind) => omissions.filter((omission) => omission.kind === kind)) as [
    SuiteOmission[],
    SuiteOmission[],
  ];
  const backends = [...new Set(wrong.map(({ configuration }) => configuration ?? 'everything'))];
  return [
    ...(wrong.length > 0
      ? [`${formatPlural(wrong.length, 'result')} of ${formatList(backends)} ${wrong.length === 1 ? 'was' : 'were'} wrong, and not timed.`]
      : []),
    ...(late.length > 0
      ? [`${formatPlural(late.length, 'measurement')} ${late.length === 1 ? 'was' : 'were'} left out for want of time; all are named at the end.`]
      : []),
  ];
}

/** Which configuration wins, and by how much over the next one that was measured on the same works. */
function verdict(works: readonly Work[]): string {
  const wins = winners(works);
  const [best] = wins;
  if (!best) return 'nothing was measured';
  const parts = [
    wins.length === 1
      ? `${best.name} is fastest${works.length > 1 ? `, in all ${formatCount(works.length)}` : ''}`
      : `${best.name} is fastest in ${best.works.length} of ${works.length}, ${formatList(wins.slice(1).map(({ name, works: won }) => `${name} in ${won.length}${won.length < 3 ? ` (${won.map(({ label }) => label).join('; ')})` : ''}`))}`,
  ];
  const others = rivals(works, best.name);
  const [next] = others;
  const last = others.at(-1);
  if (next) parts.push(`${next.name} takes ${formatTimes(next.times)} times as long`);
  if (last && last !== next && last.times > 3) parts.push(`${last.name} ${formatTimes(last.times)} times`);
  const ceiling = ceilingText(works.flatMap(({ rows }) => rows.filter((row) => configurationName(row) === best.name)));
  return parts.join('; ') + (ceiling ? `. ${ceiling}` : '');
}

interface Wins {
  readonly name: string;
  readonly works: readonly Work[];
}

function winners(works: readonly Work[]): Wins[] {
  const won = new Map<string, Work[]>();
  for (const work of works) {
    const name = configurationName(work.rows[0] as SuiteRow);
    won.set(name, [...(won.get(name) ?? []), work]);
  }
  return [...won].map(([name, list]) => ({ name, works: list })).sort((a, b) => b.works.length - a.works.length);
}

/** How many times as long as `best` the others take, the median over the works that both did, the fastest first. */
function rivals(works: readonly Work[], best: string): { name: string; times: number }[] {
  const ratios = new Map<string, number[]>();
  for (const { rows } of works) {
    const own = rows.find((row) => configurationName(row) === best);
    for (const row of own ? rows : []) {
      const name = configurationName(row);
      if (own && name !== best) ratios.set(name, [...(ratios.get(name) ?? []), row.medianSeconds / own.medianSeconds]);
    }
  }
  return [...ratios].map(([name, list]) => ({ name, times: median(list) })).sort((a, b) => a.times - b.times);
}

/** How far from what the device can do: of its multiply-adds or of its memory, whichever a work is nearer to. */
function ceilingText(rows: readonly SuiteRow[]): string | null {
  const shares = rows.flatMap(({ share, bandwidthShare }) => {
    const nearest = Math.max(share ?? 0, bandwidthShare === null || inCache(bandwidthShare) ? 0 : bandwidthShare);
    return nearest > 0 ? [nearest] : [];
  });
  if (shares.length === 0) {
    const steps = rows.flatMap(({ trialStepsPerSecond }) => trialStepsPerSecond ?? []);
    return steps.length > 0 ? `It moves ${formatNumber(Math.max(...steps) / 1e6)} million trial steps a second` : null;
  }
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  if (!plausible(high)) return 'How far it is from the ceiling is not known: other programs were in the way when the ceiling was measured';
  const range = high - low < 0.03 ? percent(high) : `${percent(low)} to ${percent(high)}`;
  return `It reaches ${range} of what the device can do`;
}

/** Faster than memory gives bytes: the arrays stay in a cache, and memory is no limit. */
export const inCache = (bandwidthShare: number): boolean => bandwidthShare > 1;

/** Nothing is faster than a ceiling that was measured well; some percent are noise. */
export const plausible = (share: number): boolean => share <= 1.05;

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0095 ? 1 : 0)}\u202f%`;

const variableNames: Readonly<Record<ScalingVariable, string>> = { batch: 'trial', steps: 'step', hidden: 'unit', threads: 'thread' };

/** `2.1 ms + 0.35 ms a trial`, or `0.2 ms · n^1.4`. */
export function lawText(law: ScalingLaw, variable: ScalingVariable, format: (value: number) => string): string {
  const { kind, first, second } = law;
  if (second === 0) return `${format(first)}, whatever the number`;
  if (variable === 'threads') {
    if (kind === 'power') return `${format(first)} · n^${formatNumber(-second, 2)}`;
    return `${format(first)} + ${format(second)} / n`;
  }
  return kind === 'power'
    ? `${format(first)} · n^${formatNumber(second, 2)}`
    : `${first > 0 ? `${format(first)} + ` : ''}${format(second)} a ${variableNames[variable]}`;
}

/** The law of a series and where it breaks. `ns` ascending. */
export function lawSentence(
  law: ScalingLaw,
  variable: ScalingVariable,
  ns: readonly number[],
  ys: readonly number[],
  format: (value: number) => string,
): string {
  const [begin, end] = law.range;
  const range = `${formatCount(ns[begin] as number)} to ${formatCount(ns[end - 1] as number)}`;
  const text = lawText(law, variable, format);
  if (law.error > lawBound) return `${text} at best: no three points agree with a law within ${percent(lawBound)}`;
  if (begin === 0 && end === ns.length) return `${text}, within ${percent(Math.max(law.error, 0.01))} from ${range}`;
  const breaks = [
    ...(begin > 0 ? [breakText(law, variable, ns[begin - 1] as number, ys[begin - 1] as number, 'below')] : []),
    ...(end < ns.length ? [breakText(law, variable, ns[end] as number, ys[end] as number, 'above')] : []),
  ];
  return `${text} from ${range}; breaks ${formatList(breaks)}`;
}

function breakText(law: ScalingLaw, variable: ScalingVariable, n: number, y: number, side: 'below' | 'above'): string {
  const ratio = y / lawAt(law, n, variable === 'threads');
  return `${side}: ${formatTimes(ratio)} times the law at ${formatCount(n)}`;
}

/** On every two results of one device with one runtime: how many of their medians agree within ten percent. */
export function agreementSentences(results: readonly SuiteResult[]): string[] {
  const sentences: string[] = [];
  for (let i = 0; i < results.length; i++) {
    for (let j = i + 1; j < results.length; j++) {
      const [a, b] = [results[i] as SuiteResult, results[j] as SuiteResult];
      const sentence = sameDevice(a, b) ? agreement(a, b, `${letter(i)} and ${letter(j)}`) : null;
      if (sentence !== null) sentences.push(sentence);
    }
  }
  return sentences;
}

function sameDevice({ machine: a }: SuiteResult, { machine: b }: SuiteResult): boolean {
  return (['processor', 'cores', 'system', 'runtime'] as const).every((fact) => a[fact] === b[fact]) && a.memoryBytes === b.memoryBytes;
}

/** Medians of two results of one device that lie within this of each other agree. */
const agreementBound = 0.1;

function agreement(a: SuiteResult, b: SuiteResult, names: string): string | null {
  const key = (row: SuiteRow) => `${row.group} ${row.label} ${row.scaling?.variable ?? ''} ${configurationName(row)}`;
  const others = new Map(b.rows.map((row) => [key(row), row]));
  const pairs = a.rows.flatMap((row) => {
    const other = others.get(key(row));
    return other && row.group !== 'start-up' ? [{ row, ratio: other.medianSeconds / row.medianSeconds }] : [];
  });
  if (pairs.length === 0) return null;
  const apart = pairs.filter(({ ratio }) => Math.max(ratio, 1 / ratio) > 1 + agreementBound);
  const worst = apart.sort((x, y) => Math.abs(Math.log(y.ratio)) - Math.abs(Math.log(x.ratio)))[0];
  const loud = [a, b].filter(({ suite }) => !suite.quiet).length;
  const quiet = loud === 0 ? 'the machine was quiet in both' : loud === 1 ? 'the machine was not quiet in one of them' : 'the machine was not quiet in either';
  const head = `${names} are two runs on one device: of ${formatPlural(pairs.length, 'median')}, ${pairs.length - apart.length} agree within ${percent(agreementBound)}`;
  return `${head}${worst ? `; furthest apart is ${worst.row.label} on ${configurationName(worst.row)}, ${formatTimes(Math.max(worst.ratio, 1 / worst.ratio))} times` : ''} (${quiet}).`;
}

/** Of several devices: which one is fastest for each kind of work, with its best configuration. */
export function mergedSentences(results: readonly SuiteResult[]): string[] {
  const names = deviceNames(results);
  return comparedGroups.flatMap((group) => {
    const labels = commonLabels(results, group);
    if (labels.length === 0) return [];
    const totals = results.map((result) => median(labels.map((label) => Math.log(bestOf(result, group, label)?.medianSeconds ?? Number.POSITIVE_INFINITY))));
    const order = [...totals.keys()].sort((i, j) => (totals[i] as number) - (totals[j] as number));
    const [first, second] = order as [number, number];
    const ratio = median(
      labels.map(
        (label) =>
          (bestOf(results[second] as SuiteResult, group, label)?.medianSeconds ?? 1) /
          (bestOf(results[first] as SuiteResult, group, label)?.medianSeconds ?? 1),
      ),
    );
    const with_ = new Set(labels.map((label) => configurationName(bestOf(results[first] as SuiteResult, group, label) as SuiteRow)));
    const sample = bestOf(results[first] as SuiteResult, group, labels[0] as string) as SuiteRow;
    return [
      `${groupNames[group]}: fastest is ${names[first]}, with ${formatList([...with_])}, ${formatTimes(ratio)} times as fast as ${letter(second)} (${sample.label}: ${formatSeconds(sample.medianSeconds)}).`,
    ];
  });
}

/** Works that every result has. */
export function commonLabels(results: readonly SuiteResult[], group: SuiteGroup): string[] {
  const [first, ...rest] = results.map(({ rows }) => worksOf(rows, group).map(({ label }) => label));
  return (first ?? []).filter((label) => rest.every((labels) => labels.includes(label)));
}

/** The fastest row of a work in a result. */
export function bestOf({ rows }: SuiteResult, group: SuiteGroup, label: string): SuiteRow | null {
  return worksOf(rows, group).find((work) => work.label === label)?.rows[0] ?? null;
}
