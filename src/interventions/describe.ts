// An intervention in a few words, for tables, titles and names of files.
import type { Intervention, InterventionOf, Moment, UnitChoice } from './options.js';

/** `curl field, clockwise 13 N·s/m, from go + 10, in 90 % of the trials`. */
export function describeIntervention(option: Intervention): string {
  const { from, until, duration, trials, phase } = option;
  const time = (moment: Moment) => (/^\d+$/.test(String(moment).trim()) ? `step ${moment}` : String(moment));
  const when = [
    ...(from === undefined ? [] : [`from ${time(from)}`]),
    ...(until === undefined ? [] : [`until ${time(until)}`]),
    ...(duration === undefined ? [] : [`for ${lengthText(duration)}`]),
  ];
  const parts = [
    whatIsDone(option),
    when.join(' '),
    trials ? trialText(trials) : '',
    phase === undefined || phase === 'both' ? '' : phase === 'train' ? 'in training' : 'in validation',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** All of a list, `none` where there are none: for lines that hold two lists against each other. */
export function describeInterventions(options: readonly Intervention[] = []): string {
  return options.length === 0 ? 'none' : options.map(describeIntervention).join('; ');
}

const lengthText = (length: Moment): string => (/^\d+$/.test(String(length).trim()) ? `${length} step${Number(length) === 1 ? '' : 's'}` : String(length));

/** Without schedule. */
function whatIsDone(option: Intervention): string {
  const pair = ([x, y]: readonly [number, number], unit: string) => `(${x}, ${y}) ${unit}`;
  switch (option.kind) {
    case 'curl-field':
      return `curl field, ${option.direction} ${option.strength} N·s/m`;
    case 'fixed-field':
      return `fixed field ${pair(option.force, 'N')}`;
    case 'channel':
      return `channel, ${option.stiffness} N/m and ${option.damping} N·s/m`;
    case 'linear-field':
      return linearText(option);
    case 'load':
      return [option.endpoint && `load ${pair(option.endpoint, 'N')}`, option.joint && `joint load ${pair(option.joint, 'N·m')}`].filter(Boolean).join(' and ');
    case 'target-jump':
      return option.to ? `target jumps to ${pair(option.to, 'm')}` : `target jumps by ${pair(option.by as [number, number], 'm')}`;
    case 'input-pulse':
      return `pulse of ${option.height} on ${typeof option.channel === 'number' ? `input ${option.channel}` : option.channel}`;
    case 'unit-clamp':
      return `${unitText(option.units)} clamped at ${option.value}`;
    case 'unit-lesion':
      return `${unitText(option.units)} lesioned`;
    case 'stimulation':
      return `${option.units ? unitText(option.units) : 'all units'} stimulated by ${option.amplitude}${option.pattern ? ' times a pattern' : ''}${option.ramp === undefined ? '' : `, rising over ${lengthText(option.ramp)}`}`;
    case 'noise':
      return `noise of ${option.deviation} on ${option.target}${option.seed === 0 ? '' : ` (seed ${option.seed})`}`;
    case 'delay':
      return (['vision', 'proprioception'] as const).flatMap((sense) => (option[sense] === undefined ? [] : [`${sense} after ${option[sense]} s`])).join(', ');
    case 'strength':
      return `strength of ${Object.entries(option.muscles)
        .map(([name, factor]) => `${name === 'all' ? 'all muscles' : name} × ${factor}`)
        .join(', ')}`;
  }
}

/** The terms that are not zero: `linear force field, (1, 0) N, velocity [0 13; -13 0] N·s/m`. */
function linearText({ force, center, position, velocity }: InterventionOf<'linear-field'>): string {
  const rows = ([[a, b], [c, d]]: typeof position) => `[${a} ${b}; ${c} ${d}]`;
  const acts = (values: readonly (number | readonly number[])[]) => values.flat().some((value) => value !== 0);
  return [
    'linear force field',
    acts(force) && `(${force.join(', ')}) N`,
    acts(position) && `position ${rows(position)} N/m around (${center.join(', ')}) m`,
    acts(velocity) && `velocity ${rows(velocity)} N·s/m`,
  ]
    .filter(Boolean)
    .join(', ');
}

function unitText({ list, range, fraction }: UnitChoice): string {
  const units = list && [...new Set(list)].sort((a, b) => a - b);
  if (units) return units.length === 1 ? `unit ${units[0]}` : units.length <= 4 ? `units ${formatAnd(units)}` : `${units.length} units`;
  if (range && range[0] === range[1]) return `unit ${range[0]}`;
  return range ? `units ${range[0]} to ${range[1]}` : `${Number((100 * (fraction as number)).toPrecision(4))} % of the units`;
}

const formatAnd = (units: readonly number[]): string => `${units.slice(0, -1).join(', ')} and ${units.at(-1)}`;

function trialText({ list, every, offset = 0, fraction, conditions, invert }: NonNullable<Intervention['trials']>): string {
  const parts = [
    list && (list.length === 1 ? `trial ${list[0]}` : `${list.length} listed trials`),
    every &&
      `every ${every}${every % 10 === 1 && every !== 11 ? 'st' : every % 10 === 2 && every !== 12 ? 'nd' : every % 10 === 3 && every !== 13 ? 'rd' : 'th'} trial${offset % every > 0 ? ` from trial ${offset % every} on` : ''}`,
    fraction !== undefined && `${Number((100 * fraction).toPrecision(4))} % of the trials`,
    conditions && `trials of condition ${conditions.join(', ')}`,
  ].filter(Boolean);
  return parts.length === 0 ? (invert ? 'in no trial' : '') : `${invert ? 'not in' : 'in'} ${parts.join(', ')}`;
}
