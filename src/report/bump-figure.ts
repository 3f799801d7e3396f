// What a push does: the hand's shift along and across it over time, and how the muscles answer when it stretches or shortens them.
import type { BumpPhase, BumpResponse, ExperimentSummary, ReachRun } from '../analysis/summary-data.js';
import { bottomAxis, type Frame, svgFigure, verticalLabel } from './axes.js';
import { curveFigure } from './curve-figure.js';
import { formatNumber, minus, shorten } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, linePath, pixel, roundDown } from './scale.js';

/** In words, for headings and tables. */
export const phaseNames: Readonly<Record<BumpPhase, string>> = {
  delay: 'while waiting',
  movement: 'while moving',
  later: 'at the target',
};

/** Shift of the hand along the push, or across it, for every phase; `sampleTime` in s. */
export function shiftFigure(model: string, bumps: readonly BumpResponse[], direction: 'parallel' | 'perpendicular', sampleTime: number): Markup {
  const time = (count: number) => Array.from({ length: count }, (_, i) => i * sampleTime);
  const cm = (values: readonly number[]) => values.map((value) => value * 100);
  const mean = bumps.reduce((sum, { steps }) => sum + steps, 0) / Math.max(1, bumps.length);
  return curveFigure(
    bumps.map((bump) => ({
      xs: time(bump[direction].length),
      ys: cm(bump[direction]),
      spread: cm(bump[direction === 'parallel' ? 'parallelSpread' : 'perpendicularSpread']),
      kind: `phase-${bump.phase}`,
    })),
    {
      describes: `Shift of the hand of ${model} ${direction === 'parallel' ? 'along' : 'across'} the push, over time from its onset`,
      xLabel: 'time from the onset of the push (s)',
      yLabel: `${direction === 'parallel' ? 'along' : 'across'} (cm)`,
      include: [0],
      height: 210,
      shade: [0, mean * sampleTime],
    },
  );
}

const lane = 54;
const rowFrame = { width: 460, left: 62, right: 100, top: 8, bottom: 40 };

/** Change of activation of each muscle after pushes of one phase: solid where they stretch it, dashed where they shorten it. */
export function responseFigure(model: string, bump: BumpResponse, names: readonly string[], limit: number, sampleTime: number): Markup {
  const frame: Frame = { ...rowFrame, height: rowFrame.top + rowFrame.bottom + lane * names.length };
  const span = frame.width - frame.left - frame.right;
  const samples = bump.parallel.length;
  const end = (samples - 1) * sampleTime;
  const x = linearScale(0, end, frame.left, frame.left + span);
  const tick = roundDown(limit * 0.72);
  const rows = names.map((name, m) => {
    const top = frame.top + m * lane;
    const y = linearScale(-limit, limit, top + lane - 2, top + 2);
    const line = (values: readonly number[] | null | undefined, kind: string) =>
      values
        ? html`<path class="${kind}" d="${linePath(
            values.map((_, i) => x(i * sampleTime)),
            values.map(y),
          )}"/>`
        : null;
    return html`${m > 0 ? html`<path class="grid" d="M${frame.left},${top}h${span}"/>` : null}<path class="grid" d="M${frame.left},${pixel(y(0))}h${span}"/>${[-tick, tick].map((value) => html`<path class="tick" d="M${frame.left - 4},${pixel(y(value))}h4"/><text x="${frame.left - 7}" y="${pixel(y(value) + 3.4)}">${minus(String(value))}</text>`)}${line(bump.shortened[m], 'shortened')}${line(bump.stretched[m], 'stretched')}<text class="lane plain" x="${frame.left + span + 7}" y="${pixel(top + lane / 2 + 4)}">${shorten(name, 15)}</text>`;
  });
  const middle = frame.top + (lane * names.length) / 2;
  const panel = html`<g class="row"><rect x="${frame.left}" y="${frame.top}" width="${span}" height="${lane * names.length}"/>${rows}${verticalLabel(frame, 'activation (dimensionless)', middle)}</g>`;
  const describes = `Change of activation of the muscles of ${model} after a push ${phaseNames[bump.phase]}`;
  return svgFigure(
    frame,
    describes,
    [panel, bottomAxis(frame, { scale: x, ticks: linearTicks(0, end, 5), label: 'time from the onset of the push (s)' })],
    'trial',
  );
}

/** The largest change of activation in any of the responses: all figures of a report share this scale. */
export function responseLimit(runs: readonly ReachRun[]): number {
  let most = 0;
  for (const { bumps } of runs)
    for (const { stretched, shortened } of bumps)
      for (const values of [...stretched, ...shortened]) for (const value of values ?? []) most = Math.max(most, Math.abs(value));
  return most > 0 ? most * 1.05 : 1;
}

/** The numbers of every phase. */
export function bumpTable(bumps: readonly BumpResponse[]): Markup {
  const rows = bumps.map(
    (bump) =>
      html`<tr><th scope="row">${phaseNames[bump.phase]}</th><td>${bump.trials}</td><td>${formatNumber(bump.force, 2)}\u202fN</td><td>${(bump.peak * 100).toFixed(1)}\u202fcm</td><td>${bump.returnTime === null ? '–' : `${bump.returnTime.toFixed(2)}\u202fs`}</td></tr>`,
  );
  return html`<table class="numbers"><thead><tr><th scope="col">push</th><th scope="col">trials</th><th scope="col">force</th><th scope="col">peak shift</th><th scope="col">return</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Whether any of the shown networks was pushed. */
export function hasBumps({ runs }: ExperimentSummary): boolean {
  return runs.some(({ reach }) => (reach?.bumps.length ?? 0) > 0);
}
