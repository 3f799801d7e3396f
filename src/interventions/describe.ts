// An intervention in a few words, for tables, titles and names of files.
import type { Intervention, Moment, UnitChoice } from './options.js';

/** `curl field, clockwise 13 N·s/m; from go + 10; in 90 % of the trials`. */
export function describeIntervention(option: Intervention): string {
  const { from, until, duration, trials, phase } = option;
  const time = (moment: Moment) => (typeof moment === 'number' ? `step ${moment}` : moment);
  const when = [
    ...(from === undefined ? [] : [`from ${time(from)}`]),
    ...(until === undefined ? [] : [`until ${time(until)}`]),
    ...(duration === undefined ? [] : [`for ${typeof duration === 'number' ? `${duration} steps` : duration}`]),
  ];
  const parts = [
    whatIsDone(option),
    when.join(' '),
    trials ? trialText(trials) : '',
    phase === undefined || phase === 'both' ? '' : phase === 'train' ? 'in training' : 'in validation',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

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
      return 'linear force field';
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
      return `${option.units ? unitText(option.units) : 'all units'} stimulated by ${option.amplitude}${option.pattern ? ' times a pattern' : ''}`;
    case 'noise':
      return `noise of ${option.deviation} on ${option.target}`;
    case 'delay':
      return (['vision', 'proprioception'] as const).flatMap((sense) => (option[sense] === undefined ? [] : [`${sense} after ${option[sense]} s`])).join(', ');
    case 'strength':
      return `strength of ${Object.entries(option.muscles)
        .map(([name, factor]) => `${name === 'all' ? 'all muscles' : name} × ${factor}`)
        .join(', ')}`;
  }
}

function unitText({ list, range, fraction }: UnitChoice): string {
  if (list) return list.length === 1 ? `unit ${list[0]}` : list.length <= 4 ? `units ${list.join(', ')}` : `${list.length} units`;
  return range ? `units ${range[0]} to ${range[1]}` : `${Number((100 * (fraction as number)).toPrecision(4))} % of the units`;
}

function trialText({ list, every, fraction, conditions, invert }: NonNullable<Intervention['trials']>): string {
  const parts = [
    list && (list.length === 1 ? `trial ${list[0]}` : `${list.length} listed trials`),
    every &&
      `every ${every}${every % 10 === 1 && every !== 11 ? 'st' : every % 10 === 2 && every !== 12 ? 'nd' : every % 10 === 3 && every !== 13 ? 'rd' : 'th'} trial`,
    fraction !== undefined && `${Number((100 * fraction).toPrecision(4))} % of the trials`,
    conditions && `trials of condition ${conditions.join(', ')}`,
  ].filter(Boolean);
  return parts.length === 0 ? '' : `${invert ? 'not in' : 'in'} ${parts.join(', ')}`;
}
