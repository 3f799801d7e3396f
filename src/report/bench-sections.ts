// Sections of the benchmark's page besides the comparison: the roofline, scaling, starting, ceilings, how quiet the machine was, what was left out.
import { fitScalingLaw } from '../analysis/scaling-law.js';
import { configurationName, type ScalingVariable, type SuiteOmission, type SuiteResult, type SuiteRow, scalingVariables } from '../runs/bench-result.js';
import { lawSentence, percent } from './bench-sentences.js';
import { configurationsOf, deviceNames, formatBytes, formatSeconds, letter, widest, worksOf } from './bench-works.js';
import { curveFigure } from './curve-figure.js';
import { formatList, formatNumber, formatPlural } from './format.js';
import { html, type Markup } from './html.js';
import { type RooflinePoint, rooflineFigure } from './roofline-figure.js';
import { type ScalingSeries, scalingFigure } from './scaling-figure.js';
import { panel, type Section } from './section.js';

/** Names short enough to stand beside a point. */
function shortName({ kernel, label }: SuiteRow): string {
  const detail = label.slice(`${kernel}, `.length);
  const network = /^(\w+)-\d+, /.exec(detail)?.[1];
  const tiny = detail.includes('tiny') ? ' tiny' : '';
  if (kernel === 'rollout_forward') return `${network} forward${tiny}`;
  if (kernel === 'rollout_backward') return `${network} backward${tiny}`;
  return (
    { elementwise_binary: 'add', elementwise_unary: 'tanh', optimizer_step: 'Adam', gradient_norm: 'norm', squared_error_loss: 'loss' }[kernel ?? ''] ??
    kernel ??
    label
  );
}

/** One roofline a configuration with all its threads. */
export function rooflineSection({ rows, ceiling }: SuiteResult): Section | null {
  const kernels = rows.filter(({ kernel, gflops, flops, bytes }) => kernel !== null && gflops !== null && flops && bytes);
  const shown = widest(ceiling.measured).flatMap((limit) => {
    const name = configurationName(limit);
    const points = kernels
      .filter((row) => configurationName(row) === name)
      .map((row): RooflinePoint => ({ name: shortName(row), intensity: (row.flops as number) / (row.bytes as number), gflops: row.gflops as number }));
    return points.length > 0 ? [{ name, limit, points }] : [];
  });
  if (shown.length === 0) return null;
  const panels = shown.map(({ name, limit, points }, i) =>
    panel(
      name,
      null,
      rooflineFigure({
        ...limit,
        points,
        series: i % 6,
        describes: `Roofline of ${name}: speed of ${formatPlural(points.length, 'kernel')} over operations a byte, below ${formatNumber(limit.gflops)} GFLOP/s`,
      }),
    ),
  );
  return {
    id: 'roofline',
    short: 'Roofline',
    body: html`<h2>How far from the ceiling</h2>
<p>A kernel can be no faster than the line above it: on the left memory holds it back, on the right arithmetic. The vertical distance to the line is what is lost.</p>
<div class="figures pairs">${panels}</div>
<figcaption><b>Rooflines of ${formatList(shown.map(({ name }) => name))}.</b> Flat: multiply-adds that stay in registers. Sloped: one large array negated into another; dotted: the same in a cache, where small arrays stay. Operations a byte count every array once: a kernel that reads its arrays again is further to the left in truth.</figcaption>`,
  };
}

const variableLabels: Readonly<Record<ScalingVariable, { readonly title: string; readonly axis: string; readonly rest: string }>> = {
  batch: { title: 'Batch', axis: 'trials in a batch', rest: 'GRU of 64 units, 50 steps' },
  steps: { title: 'Steps', axis: 'time steps of a trial', rest: 'GRU of 64 units, 32 trials' },
  hidden: { title: 'Hidden size', axis: 'hidden units', rest: 'GRU, 32 trials, 50 steps' },
  threads: { title: 'Threads', axis: 'threads', rest: 'GRU of 128 units, 256 trials, 50 steps' },
};

/** Time and memory of a training step against each size, with their laws. */
export function scalingSection({ rows }: SuiteResult): Section | null {
  const panels = scalingVariables.flatMap((variable) => {
    const own = rows.filter(({ scaling }) => scaling?.variable === variable);
    const key = (row: SuiteRow) => (variable === 'threads' ? configurationName({ ...row, threads: 1 }) : configurationName(row));
    const series = [...new Set(own.map(key))].flatMap((name) => {
      const points = own.filter((row) => key(row) === name).sort((a, b) => scaledValue(a) - scaledValue(b));
      return points.length > 1 ? [seriesOf(name, points, variable)] : [];
    });
    return series.length > 0 ? [scalingPanel(variable, series)] : [];
  });
  if (panels.length === 0) return null;
  return {
    id: 'scaling',
    short: 'Scaling',
    body: html`<h2>How time and memory grow</h2>
<p>A training step of a GRU on the flip-flop; one size varies at a time, the line is the law that fits best. It is solid where every point lies within 10\u202f% of it and dotted where it no longer holds.</p>
<div class="figures pairs">${panels}</div>`,
  };
}

const scaledValue = ({ scaling }: SuiteRow): number => scaling?.value ?? 0;

function seriesOf(name: string, points: readonly SuiteRow[], variable: ScalingVariable): ScalingSeries {
  const ns = points.map(scaledValue);
  const times = points.map(({ medianSeconds }) => 1000 * medianSeconds);
  const memory = points.map(({ memoryBytes }) => memoryBytes && memoryBytes / 1e6);
  const known = memory.filter((value) => value !== null);
  return {
    ...{ name, ns, times, memory },
    timeLaw: fitScalingLaw(ns, times, variable === 'threads'),
    memoryLaw: variable !== 'threads' && known.length === ns.length ? fitScalingLaw(ns, known) : null,
  };
}

const formatTime = (milliseconds: number): string => formatSeconds(milliseconds / 1000);
const formatMemory = (megabytes: number): string => formatBytes(1e6 * megabytes);

function scalingPanel(variable: ScalingVariable, series: readonly ScalingSeries[]): Markup {
  const { title, axis, rest } = variableLabels[variable];
  const figure = scalingFigure({
    describes: `Time and memory of a training step against ${axis}`,
    xLabel: axis,
    series: variable === 'threads' ? series.map((one) => ({ ...one, memory: one.ns.map(() => null) })) : series,
    inverse: variable === 'threads',
    formatTime,
    formatMemory,
  });
  const laws = series.flatMap(({ name, ns, times, timeLaw }) =>
    timeLaw ? [html`<li><b>${name}</b>: ${lawSentence(timeLaw, variable, ns, times, formatTime)}</li>`] : [],
  );
  const sizes = [
    ...new Set(
      series.flatMap(({ ns, memory, memoryLaw }) =>
        memoryLaw
          ? [
              lawSentence(
                memoryLaw,
                variable,
                ns,
                memory.map((value) => value ?? 0),
                formatMemory,
              ),
            ]
          : [],
      ),
    ),
  ];
  const few = laws.length === 0 ? html`<li>Fewer than three points: no law.</li>` : null;
  return panel(title, rest, html`${figure}<ul class="laws">${laws}${few}${sizes.map((text) => html`<li><b>memory</b>: ${text}</li>`)}</ul>`);
}

/** What starting takes. */
export function startSection({ rows }: SuiteResult): Section | null {
  const works = worksOf(rows, 'start-up');
  if (works.length === 0) return null;
  const names = configurationsOf(works.flatMap((work) => work.rows));
  const cell = (label: string, name: string) => {
    const row = works.find((work) => work.label === label)?.rows.find((candidate) => configurationName(candidate) === name);
    return row ? formatSeconds(row.medianSeconds) : '–';
  };
  const lines = names.map(
    (name) => html`<tr><th scope="row">${name}</th>${works.map(({ label }) => html`<td data-label="${label}">${cell(label, name)}</td>`)}</tr>`,
  );
  return {
    id: 'start',
    short: 'Starting',
    body: html`<h2>Starting and compiling</h2>
<p class="quiet">Until <code>createBackend</code> returns, its self-check included where it makes one, and the first training step on it, with everything that is compiled only then.</p>
<table class="runs"><thead><tr><th scope="col">Backend</th>${works.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${lines}</tbody></table>`,
  };
}

/** What was measured to be the limit. */
export function ceilingSection(results: readonly SuiteResult[]): Section {
  const several = results.length > 1;
  const lines = results.flatMap(({ ceiling }, i) =>
    ceiling.measured.map(
      (limit) =>
        html`<tr><th scope="row">${several ? `${letter(i)}: ` : ''}${configurationName(limit)}</th><td data-label="Arithmetic">${formatNumber(limit.gflops)} GFLOP/s</td><td data-label="Memory">${limit.gigabytesPerSecond === null ? '–' : `${formatNumber(limit.gigabytesPerSecond)} GB/s`}</td><td data-label="Cache">${limit.cacheGigabytesPerSecond === null ? '–' : `${formatNumber(limit.cacheGigabytesPerSecond)} GB/s`}</td></tr>`,
    ),
  );
  return {
    id: 'ceilings',
    short: 'Ceilings',
    body: html`<h2>Ceilings</h2>
<table class="runs"><thead><tr><th scope="col">Backend</th><th scope="col">Arithmetic</th><th scope="col">Memory</th><th scope="col">Cache</th></tr></thead><tbody>${lines}</tbody></table>
<p class="small-print">Measured in the same process: ${results[0]?.ceiling.method ?? ''}.</p>`,
  };
}

/** The calibration loop over time. */
export function quietSection(results: readonly SuiteResult[]): Section {
  const several = results.length > 1;
  const names = deviceNames(results);
  const panels = results.flatMap(({ suite }, i) =>
    suite.calibrations
      .filter(({ at, seconds }) => at.length > 1 && at.length === seconds.length)
      .map(({ device, at, seconds, medianSeconds, spread, drift }) => {
        const figure = curveFigure([{ xs: at, ys: seconds.map((value) => value / medianSeconds), kind: 'series0' }], {
          describes: `Time of the calibration loop on the ${device} over the suite, as a multiple of its median`,
          xLabel: 'time since the suite began (s)',
          yLabel: 'loop time / median',
          include: [0, 1],
          height: 170,
        });
        return panel(several ? `${letter(i)}, ${device}` : device, `spread ${percent(spread)}, drift ${percent(drift)}`, figure);
      }),
  );
  const notices = results.map(({ suite }, i) => html`<p>${several ? html`<b>${names[i] as string}.</b> ` : null}${suite.notice}</p>`);
  const timer = results.map(({ suite }) => formatSeconds(suite.timerSeconds));
  return {
    id: 'quiet',
    short: 'Trust',
    body: html`<h2>How far to trust these numbers</h2>
${notices}
${panels.length > 0 ? html`<div class="figures">${panels}</div>` : null}
<p class="small-print">The loop does the same work every time, a few times a second. Spread: its interquartile range over its median. Drift: the slowest of six stretches of the suite against the fastest, by their medians. Smallest step of the clock: ${formatList([...new Set(timer)])}.</p>`,
  };
}

/** What is missing, and why: by reason, then by configuration. */
export function omissionSection({ suite }: SuiteResult): Section | null {
  const { omissions } = suite;
  if (omissions.length === 0) return null;
  const kinds: readonly (readonly [SuiteOmission['kind'], string])[] = [
    ['wrong', 'Computed something else than the reference, so not timed'],
    ['refused', 'Not done by the backend'],
    ['time', 'Left out for want of time'],
  ];
  const blocks = kinds.flatMap(([kind, title]) => {
    const own = omissions.filter((omission) => omission.kind === kind);
    if (own.length === 0) return [];
    const groups = new Map<string, SuiteOmission[]>();
    for (const omission of own) {
      const key = kind === 'time' ? (omission.configuration ?? 'everywhere') : `${omission.configuration ?? 'everywhere'}: ${omission.reason}`;
      groups.set(key, [...(groups.get(key) ?? []), omission]);
    }
    const items = [...groups].map(([key, list]) => html`<li><b>${key}</b>: ${formatList([...new Set(list.map(({ label }) => label))])}</li>`);
    return [html`<details${kind === 'wrong' ? html` open` : null}><summary>${title} (${own.length})</summary><ul class="notes">${items}</ul></details>`];
  });
  return { id: 'omitted', short: 'Left out', body: html`<h2>What was left out</h2>${blocks}` };
}
