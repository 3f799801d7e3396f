// What a grid over noise says about claims on networks under noise: each claim, whether it held, and the numbers that decide. Nothing here is known beforehand.
import { formatList, formatNumber, formatPlural, formatShare } from './format.js';
import type { GridSummary, GridTest } from './grid-data.js';
import { heldCorners, overSeeds, targetR2 } from './grid-network-sections.js';
import { networksOf } from './grid-sections.js';
import { type Spread, spreadOf } from './grid-statistics.js';

export interface Finding {
  readonly claim: string;
  readonly verdict: string;
  readonly text: string;
}

/** A loss above this share of the best constant answer's counts as no better than it. */
const nearConstant = 0.9;
/** A mean loss of at most this many times the lowest counts as comparable. */
const comparable = 1.25;

interface NoiseGrid {
  readonly summary: GridSummary;
  /** Noise in training, one a group, and in tests, both rising. */
  readonly trained: readonly number[];
  readonly tested: readonly number[];
  readonly constant: number;
  /** Loss of the ideal observer at a level of noise in tests; null where it is not known. */
  ideal(tested: number): number | null;
  loss(model: number, trained: number, tested: number): Spread | null;
}

/** The findings of a grid that varies the noise of a task with binary targets and tests at several levels of it; null for any other. */
export function noiseFindings(summary: GridSummary): Finding[] | null {
  const grid = noiseGrid(summary);
  if (!grid) return null;
  return [...summary.models.map((_, model) => toleranceOf(grid, model)), comparisonOf(grid), robustnessOf(grid), ...readabilityOf(grid)];
}

function noiseGrid(summary: GridSummary): NoiseGrid | null {
  const [axis, ...others] = summary.axes;
  const levels = summary.groups.map(({ values }) => values[0]);
  if (axis?.path !== 'task.noise' || others.length > 0 || levels.length < 2 || !levels.every((level) => typeof level === 'number')) return null;
  const noiseOf = ({ task, interventions }: GridTest) =>
    !interventions && Object.keys(task).join() === 'noise' && typeof task.noise === 'number' ? task.noise : null;
  const tests = summary.networks.flatMap((network) => network.tests);
  const tested = [...new Set(tests.flatMap((test) => noiseOf(test) ?? []))].sort((a, b) => a - b);
  const constant = tests.find(({ constantLoss }) => constantLoss !== null)?.constantLoss ?? null;
  if (tested.length < 2 || constant === null) return null;
  const trained = (levels as number[]).toSorted((a, b) => a - b);
  return {
    ...{ summary, trained, tested, constant },
    ideal: (level) => tests.find((test) => noiseOf(test) === level)?.ideal?.loss ?? null,
    loss: (model, from, to) =>
      spreadOf(networksOf(summary, model, levels.indexOf(from)).map((network) => network.tests.find((test) => noiseOf(test) === to)?.loss)),
  };
}

const text = (spread: Spread | null) =>
  spread === null ? 'no number' : `${formatNumber(spread.mean, 3)}${spread.deviation === null ? '' : ` ± ${formatNumber(spread.deviation, 1)}`}`;

/** Whether one model tolerates more noise than it trained with. */
function toleranceOf({ summary, trained, tested, constant, ideal, loss }: NoiseGrid, model: number): Finding {
  const name = summary.models[model] as string;
  const [least, most] = [trained[0] as number, tested.at(-1) as number];
  const seeds = loss(model, least, most)?.count ?? 0;
  const claim = `${name} tolerates noise`;
  const course = tested.map((level) => `${text(loss(model, least, level))} at ${level}`);
  const [quiet, loud] = [loss(model, least, tested[0] as number), loss(model, least, most)];
  const numbers = `Trained at ${least} and tested at rising noise, its loss is ${formatList(course)} (${formatPlural(seeds, 'seed')}; the best constant answer has ${formatNumber(constant)}).`;
  if (!quiet || !loud) return { claim, verdict: 'not measured', text: numbers };
  if (quiet.mean >= nearConstant * constant)
    return {
      claim,
      verdict: 'cannot be said',
      text: `${numbers} It sits near the constant answer even without noise, so that a flat curve says nothing about noise.`,
    };
  const own = loss(model, trained.at(-1) as number, most);
  const floor = ideal(most);
  const best = own
    ? ` Trained at ${trained.at(-1)}, it reaches ${text(own)} there${floor === null ? '' : ` (the ideal observer: ${formatNumber(floor)})`}.`
    : '';
  if (loud.mean >= nearConstant * constant)
    return {
      claim,
      verdict: 'did not hold',
      text: `${numbers} At ${most} it is no better than ${loud.mean > constant ? 'a' : 'about a'} constant answer.${best}`,
    };
  return { claim, verdict: 'held', text: `${numbers} At ${most} it is still better than a constant answer.${best}` };
}

/** Whether the models do alike where they are tested as they were trained. */
function comparisonOf({ summary, trained, tested, constant, ideal, loss }: NoiseGrid): Finding {
  const levels = trained.filter((level) => tested.includes(level));
  const rows = levels.map((level) => {
    const losses = summary.models
      .map((name, model) => ({ name, spread: loss(model, level, level) }))
      .flatMap(({ name, spread }) => (spread ? [{ name, spread }] : []));
    const least = Math.min(...losses.map(({ spread }) => spread.mean));
    return {
      level,
      losses,
      behind: losses.filter(({ spread }) => spread.mean > comparable * least).map(({ name }) => name),
      idle: losses.every(({ spread }) => spread.mean >= nearConstant * constant),
    };
  });
  const behind = rows.filter((row) => row.behind.length > 0);
  const idle = rows.filter((row) => row.idle).map(({ level }) => level);
  const verdict =
    behind.length === 0
      ? 'held'
      : behind.length === rows.length
        ? 'did not hold'
        : `held only at ${formatList(rows.filter((row) => row.behind.length === 0).map(({ level }) => String(level)))}`;
  const numbers = rows.map(({ level, losses }) => `at ${level} ${formatList(losses.map(({ name, spread }) => `${name} ${text(spread)}`))}`);
  const floors = levels.flatMap((level) => (ideal(level) === null ? [] : [`${formatNumber(ideal(level))} at ${level}`]));
  const floor = floors.length > 0 ? ` No network can do better than the ideal observer: ${formatList(floors)}.` : '';
  const who = behind.map((row) => `${formatList(row.behind)} at ${row.level}`);
  return {
    claim: 'NODE and LSTM tolerate noise at comparable performance',
    verdict,
    text: `Tested at the noise they trained with: ${numbers.join('; ')}. Comparable means at most ${comparable} times the lowest loss${who.length > 0 ? `; behind are ${formatList(who)}` : ''}.${floor}${idle.length > 0 ? ` At ${formatList(idle.map(String))} all are near the constant answer, ${formatNumber(constant)}: equal there is not robust.` : ''}`,
  };
}

/** Whether training with noise buys robustness, and what it costs. */
function robustnessOf({ summary, trained, tested, loss }: NoiseGrid): Finding {
  const [low, high] = [trained[0] as number, trained.at(-1) as number];
  const [quiet, loud] = [tested[0] as number, tested.at(-1) as number];
  const rows = summary.models.flatMap((name, model) => {
    const [lowLoud, highLoud, lowQuiet, highQuiet] = [loss(model, low, loud), loss(model, high, loud), loss(model, low, quiet), loss(model, high, quiet)];
    return lowLoud && highLoud && lowQuiet && highQuiet
      ? [{ name, lowLoud, highLoud, lowQuiet, highQuiet, buys: highLoud.mean < lowLoud.mean, costs: highQuiet.mean > lowQuiet.mean }]
      : [];
  });
  const both = rows.filter(({ buys, costs }) => buys && costs);
  return {
    claim: 'Training with noise buys robustness to it and costs accuracy without it',
    verdict: heldFor(
      both.map(({ name }) => name),
      rows.map(({ name }) => name),
    ),
    text: `From training at ${low} to training at ${high}, ${rows.map(({ name, lowLoud, highLoud, lowQuiet, highQuiet }) => `the loss of ${name} goes from ${text(lowLoud)} to ${text(highLoud)} at test noise ${loud} and from ${text(lowQuiet)} to ${text(highQuiet)} at ${quiet}`).join('; ')}.`,
  };
}

/** Whether noise makes networks harder to read, and whether the GRU is the easiest of them. */
function readabilityOf({ summary, trained }: NoiseGrid): Finding[] {
  const corners = overSeeds(summary, ({ run }) => heldCorners(run));
  const r2 = overSeeds(summary, ({ run }) => targetR2(run));
  if (corners.flat().every((spread) => spread === null)) return [];
  const place = (level: number) => summary.groups.findIndex(({ values }) => values[0] === level);
  const [low, high] = [place(trained[0] as number), place(trained.at(-1) as number)];
  const names = summary.models;
  const measured = names.filter((_, model) => corners[model]?.[low] && corners[model]?.[high]);
  const fewer = measured.filter((name) => {
    const row = corners[names.indexOf(name)] as (Spread | null)[];
    return (row[high] as Spread).mean < (row[low] as Spread).mean;
  });
  const all = 2 ** (summary.groups[low]?.summary?.task.outputLabels.length ?? 0);
  const list = (spreads: readonly (Spread | null)[] | undefined, digits: number) =>
    formatList(trained.map((level) => `${formatNumber(spreads?.[place(level)]?.mean ?? null, digits)} at ${level}`));
  const noisy: Finding = {
    claim: 'Noise makes networks less interpretable',
    verdict: heldFor(fewer, measured),
    text: `Corners with a stable fixed point, of ${all}, mean over seeds: ${names.map((name, model) => `${name} ${list(corners[model], 2)}`).join('; ')}.${r2.flat().some((spread) => spread !== null) ? ` Share of the bits that a straight line reads (R²): ${names.map((name, model) => `${name} ${list(r2[model], 2)}`).join('; ')}.` : ''}`,
  };
  const gru = names.findIndex((name) => /^gru/i.test(name));
  if (gru < 0 || names.length < 2) return [noisy];
  const ahead = trained.filter((level) => names.every((_, model) => model === gru || best(corners, r2, gru, model, place(level))));
  const easiest: Finding = {
    claim: 'The GRU is the easiest to interpret',
    verdict: ahead.length === trained.length ? 'held' : ahead.length === 0 ? 'did not hold' : `held only at ${formatList(ahead.map(String))}`,
    text: `It counts as the easiest where no other network has more corners with a stable point or a higher R² to the bits: ${trained.map((level) => `at ${level} ${formatList(names.map((name, model) => `${name} ${formatNumber(corners[model]?.[place(level)]?.mean ?? null, 2)} corners${r2[model]?.[place(level)] ? ` and ${formatShare(r2[model]?.[place(level)]?.mean ?? null)}` : ''}`))}`).join('; ')}.`,
  };
  return [noisy, easiest];
}

/** Whether model `a` is not behind `b` in either number. */
function best(corners: readonly (readonly (Spread | null)[])[], r2: readonly (readonly (Spread | null)[])[], a: number, b: number, group: number): boolean {
  const ahead = (spreads: readonly (readonly (Spread | null)[])[]) => (spreads[a]?.[group]?.mean ?? 0) >= (spreads[b]?.[group]?.mean ?? 0);
  return ahead(corners) && ahead(r2);
}

function heldFor(names: readonly string[], all: readonly string[]): string {
  if (all.length === 0) return 'not measured';
  return names.length === all.length ? 'held' : names.length === 0 ? 'did not hold' : `held for ${formatList(names)} only`;
}
