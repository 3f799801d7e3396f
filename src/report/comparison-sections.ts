// Sections of a comparison that show numbers: matrices of all pairs, bars against the reference, decoding, dimensions, the table of all.
import type { ComparedAnalysis, ComparisonSummary, ScoreMatrix } from '../analysis/comparison-data.js';
import { barFigure } from './bar-figure.js';
import { curveFigure } from './curve-figure.js';
import { seriesKinds } from './figure-style.js';
import { formatCount, formatList, formatNumber, formatPlural, formatShare } from './format.js';
import { html, type Markup } from './html.js';
import { matrixFigure } from './matrix-figure.js';
import { scatterFigure } from './scatter-figure.js';
import { panel, type Section } from './section.js';

const known = (value: number | null | undefined): value is number => value !== null && value !== undefined && Number.isFinite(value);
const anyKnown = (matrix: ScoreMatrix) => matrix.some((row, i) => row.some((value, j) => i !== j && known(value)));
const namesOf = ({ analyses }: ComparisonSummary) => analyses.map(({ name }) => name);

/** State R² of all pairs, and both directions against the reference. */
export function stateSection(summary: ComparisonSummary): Section | null {
  const { stateR2, analyses, reference, againstReference } = summary;
  if (!anyKnown(stateR2)) return null;
  const names = namesOf(summary);
  const matrix = matrixFigure({
    describes: `State R² from each of ${names.length} networks to each other`,
    ...{ rows: names, columns: names, values: stateR2, rowLabel: 'from', columnLabel: 'to', valueLabel: 'R² (dimensionless)', low: 0, high: 1 },
    says: (row, column) => `losses ${formatNumber(analyses[row]?.loss, 2)} and ${formatNumber(analyses[column]?.loss, 2)}`,
  });
  const base = analyses[reference] as ComparedAnalysis;
  const others = analyses.map((_, i) => i).filter((i) => i !== reference);
  const pick = (values: readonly (number | null)[]) => others.map((i) => values[i] ?? null);
  const both = barFigure({
    describes: `State R² from ${base.name} to each other network, and back`,
    groups: others.map((i) => names[i] as string),
    series: [
      { name: 'from the reference', values: pick(againstReference.stateR2) },
      { name: 'to the reference', values: pick(againstReference.reconstructionR2) },
    ],
    ...{ xLabel: 'network (name)', yLabel: 'R² (dimensionless)', include: [0, 1] },
  });
  const body = html`<h2>How alike the states are</h2>
<figure><div class="figures">${panel('All pairs', 'row: from, column: to', matrix)}${panel('Both directions', `reference: ${base.name}`, both)}</div>
<figcaption><b>State R², both ways.</b> How much of the variance of one network's states a straight-line map from another's explains, on trials that the map was not fitted on. 1 means that one can be read from the other. The two directions differ: a large network holds a small one's states, but not the other way round, so compare the same direction, and mind the losses: between networks at different degrees of training R² mostly tells how far they have come.</figcaption></figure>`;
  return { id: 'states', short: 'States', body };
}

/** R² of each of the reference's components, and what is predicted against what is true in the shown trials. */
export function predictionSection(summary: ComparisonSummary): Section | null {
  const { aligned, reference, stateR2PerComponent, analyses } = summary;
  const base = aligned[reference];
  if (!base || stateR2PerComponent.length === 0) return null;
  const names = namesOf(summary);
  const others = analyses.map((_, i) => i).filter((i) => i !== reference);
  const count = Math.max(...others.map((i) => stateR2PerComponent[i]?.[reference]?.length ?? 0));
  const perComponent = barFigure({
    describes: `R² of each principal component of ${names[reference]}, predicted from the other networks`,
    groups: Array.from({ length: count }, (_, k) => String(k + 1)),
    series: others.map((i) => ({
      name: names[i] as string,
      values: Array.from({ length: count }, (_, k) => floored(stateR2PerComponent[i]?.[reference]?.[k])),
    })),
    ...{ xLabel: `component of ${names[reference]} (number)`, yLabel: 'R² (dimensionless)', include: [0, 1] },
  });
  const panels = others.map((i) => {
    const each = aligned[i] as (typeof aligned)[number];
    return panel(
      names[i] as string,
      `R² on PC 1–3: ${each.perComponent.map((value) => formatNumber(value, 3)).join(', ')}`,
      predictionScatter(each.trajectories.values, base.trajectories.values, names[i] as string),
    );
  });
  const body = html`<h2>Which components are shared</h2>
<figure><div class="figures">${panel('R² per component', 'validation trials', perComponent)}${panels}</div>
<figcaption><b>Principal components of the reference, predicted from the others.</b> First R² of each component on validation trials; bars below −1 are cut there. Then predicted against true scores in the shown trials, every few steps: on the dashed line the prediction is right, a flat cloud carries nothing of that component.</figcaption></figure>`;
  return { id: 'components', short: 'Components', body };
}

/** Components of next to no variance may have any R² below zero. */
const floored = (value: number | null | undefined): number | null => (known(value) ? Math.max(-1, value) : null);

/** Points of a scatter plot at most, a component. */
const mostPoints = 150;

function predictionScatter(predicted: readonly number[], truth: readonly number[], name: string): Markup {
  const samples = truth.length / 3;
  const every = Math.max(1, Math.ceil(samples / mostPoints));
  const at = Array.from({ length: Math.floor(samples / every) }, (_, i) => i * every);
  return scatterFigure(
    [0, 1, 2].map((k) => ({ name: `PC ${k + 1}`, xs: at.map((i) => truth[3 * i + k] as number), ys: at.map((i) => predicted[3 * i + k] as number) })),
    {
      describes: `Scores on the reference's components predicted from ${name}, against the true ones`,
      ...{ xLabel: 'true score (dimensionless)', yLabel: 'predicted score (dimensionless)', diagonal: true, radius: 2.2 },
    },
  );
}

/** DSA of all pairs with its spread, and fixed points counted. */
export function dynamicsSection(summary: ComparisonSummary): Section | null {
  const { dsa, analyses } = summary;
  const counted = analyses.filter(({ fixedPoints }) => fixedPoints !== null);
  if (!dsa && counted.length === 0) return null;
  const names = namesOf(summary);
  const unit = dsa?.metric === 'angular' ? 'rad' : 'dimensionless';
  const figures = dsa
    ? [
        panel(
          'Distance',
          `${dsa.metric} (${unit})`,
          matrixFigure({
            describes: `DSA distance between each pair of ${names.length} networks`,
            ...{ rows: names, columns: names, values: dsa.scores, rowLabel: 'network', columnLabel: 'network', valueLabel: `distance (${unit})`, low: 0 },
            says: (row, column) => `± ${formatNumber(dsa.spread[row]?.[column], 2)} over restarts`,
          }),
        ),
        panel(
          'Spread over restarts',
          'standard deviation',
          matrixFigure({
            describes: 'Standard deviation of each DSA distance over restarts of its optimisation',
            ...{ rows: names, columns: names, values: dsa.spread, rowLabel: 'network', columnLabel: 'network', valueLabel: `spread (${unit})`, low: 0 },
            format: (value) => (value === 0 ? '0' : formatNumber(value, 1)),
          }),
        ),
        panel(
          'Yardstick',
          'two sets of trials of one network',
          barFigure({
            describes: 'DSA distance between two disjoint sets of trials of each network',
            ...{
              groups: names,
              series: [{ name: 'distance', values: dsa.splitHalf }],
              format: (value: number) => formatNumber(value, 2),
              xLabel: 'network (name)',
              yLabel: `distance (${unit})`,
            },
          }),
        ),
      ]
    : [];
  const says = dsa
    ? html`<figcaption><b>Dynamical similarity (DSA).</b> How far the dynamics of two networks are apart when the states of one may be rotated: from 0 (alike) to ${dsa.metric === 'angular' ? 'π' : 'larger numbers'}. It needs no common trials and asks about the flow, not about where the states lie: states may be alike while dynamics differ, and the other way round. A distance means something only where it exceeds that between two sets of trials of one and the same network (last figure).</figcaption>`
    : null;
  const body = html`<h2>How alike the dynamics are</h2>
<figure>${figures.length > 0 ? html`<div class="figures">${figures}</div>` : null}${says}</figure>
${counted.length > 0 ? pointTable(counted) : null}`;
  return { id: 'dynamics', short: 'Dynamics', body };
}

/** Fixed points of every network, counted. */
function pointTable(counted: readonly ComparedAnalysis[]): Markup {
  const most = Math.max(...counted.map(({ fixedPoints }) => fixedPoints?.byIndex.length ?? 0));
  const kinds = Array.from({ length: Math.min(most, 5) }, (_, k) => k).filter((k) => k > 0);
  const rows = counted.map(({ name, fixedPoints }) => {
    const { starts, converged, unique, stable, byIndex } = fixedPoints as NonNullable<ComparedAnalysis['fixedPoints']>;
    const more = kinds.map((k) => html`<td data-label="${k} unstable ${k === 1 ? 'direction' : 'directions'}">${byIndex[k] ?? 0}</td>`);
    return html`<tr><th scope="row">${name}</th><td data-label="Starts">${formatCount(starts)}</td><td data-label="Converged">${formatCount(converged)}</td><td data-label="Distinct">${unique}</td><td data-label="Stable">${stable}</td>${more}</tr>`;
  });
  const heads = ['Starts', 'Converged', 'Distinct', 'Stable', ...kinds.map((k) => `${k} unstable`)];
  return html`<h3 style="margin-top:1.4rem">Fixed points, each network searched in its own space under zero input</h3><table class="runs"><thead><tr><th scope="col">Network</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
}

/** CCA and Procrustes, and the scores that only imported data have. */
export function likenessSection(summary: ComparisonSummary): Section | null {
  const { cca, procrustes, againstReference, analyses, reference } = summary;
  if (!anyKnown(cca)) return null;
  const names = namesOf(summary);
  const square = { rows: names, columns: names, rowLabel: 'network', columnLabel: 'network' };
  const figures = [
    panel(
      'CCA',
      'mean squared correlation, symmetric',
      matrixFigure({ describes: 'Mean squared canonical correlation of each pair', ...square, values: cca, valueLabel: 'R² (dimensionless)', low: 0, high: 1 }),
    ),
    panel(
      'Procrustes',
      'disparity: 0 is alike',
      matrixFigure({ describes: 'Procrustes disparity of each pair', ...square, values: procrustes, valueLabel: 'disparity (dimensionless)', low: 0, high: 1 }),
    ),
  ];
  const scores = [
    ['rateR2', 'rate R²'],
    ['inputR2', 'input R²'],
    ['cycleConsistency', 'cycle consistency'],
  ] as const;
  const shown = scores.filter(([key]) => againstReference[key].some(known));
  if (shown.length > 0)
    figures.push(
      panel(
        shown.map(([, name]) => name).join(', '),
        `against ${analyses[reference]?.name}`,
        barFigure({
          describes: `${formatList(shown.map(([, name]) => name))} of each network`,
          groups: names,
          series: shown.map(([key, name]) => ({ name, values: againstReference[key].map(floored) })),
          ...{ xLabel: 'network (name)', yLabel: 'score (dimensionless)', include: [0, 1] },
        }),
      ),
    );
  const first = againstReference.rateR2.some(known) ? (['rateR2', 'rate R²'] as const) : (['reconstructionR2', 'R² to the reference'] as const);
  figures.push(
    panel(
      'Scores together',
      'one mark a network',
      scatterFigure(
        analyses.flatMap(({ name }, i) => {
          const [x, y] = [againstReference[first[0]][i], againstReference.stateR2[i]];
          return known(x) && known(y) ? [{ name, xs: [x], ys: [y], says: [`${first[1]} ${formatNumber(x)}, state R² ${formatNumber(y)}`] }] : [];
        }),
        { describes: `State R² against ${first[1]}`, xLabel: `${first[1]} (dimensionless)`, yLabel: 'R² from the reference (dimensionless)', radius: 5 },
      ),
    ),
  );
  const body = html`<h2>Other measures</h2>
<figure><div class="figures">${figures}</div>
<figcaption><b>CCA</b> forgives any invertible linear map and gives every direction the same weight, however small its variance: networks of one task seem alike by it sooner than by state R². <b>Procrustes</b> allows rotation, reflection and one scale only. ${inputText(summary)}${shown.some(([key]) => key === 'cycleConsistency') ? html`<b>Cycle consistency</b> is 1 where every latent direction can be read back from the rates, and falls as a model carries directions that the rates do not show. ` : null}</figcaption></figure>`;
  return { id: 'likeness', short: 'Measures', body };
}

function inputText({ againstReference, analyses }: ComparisonSummary): Markup | null {
  if (!againstReference.inputR2.some(known)) return null;
  const runs = analyses.some(({ kind }) => kind === 'run');
  return html`<b>Input R²</b> tells how much of a network's inputs the true ones of the reference explain${runs ? '; of runs the rest is the noise that the task adds' : ''}. `;
}

/** R² of the task's targets, read from the latents. */
export function decodingSection(summary: ComparisonSummary): Section | null {
  const { decoding } = summary;
  if (!decoding || !decoding.r2.flat().some(known)) return null;
  const names = namesOf(summary);
  const rows = names.map(
    (name, i) =>
      html`<tr><th scope="row">${name}</th>${decoding.variables.map((variable, k) => html`<td data-label="${variable}">${formatNumber(decoding.r2[i]?.[k])}</td>`)}</tr>`,
  );
  const figure = barFigure({
    describes: `R² of ${formatPlural(decoding.variables.length, 'target')} decoded from the latents of each network`,
    groups: decoding.variables,
    series: names.map((name, i) => ({ name, values: (decoding.r2[i] ?? []).map(floored) })),
    ...{ xLabel: 'target (name)', yLabel: 'R² (dimensionless)', include: [0, 1] },
  });
  const body = html`<h2>What can be read from the states</h2>
<figure><div class="figures">${panel('Decoding of the targets', 'validation trials', figure)}<div><h3>The numbers</h3><table class="numbers"><thead><tr><th scope="col">Network</th>${decoding.variables.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></div>
<figcaption><b>A straight-line decoder of each target of the task</b>, fitted on training trials. It tells what the states hold in a form that a read-out could use, whatever the network's own read-out does.</figcaption></figure>`;
  return { id: 'decoding', short: 'Decoding', body };
}

/** Shares of variance of all networks in one figure. */
export function dimensionSection(summary: ComparisonSummary): Section {
  const { analyses } = summary;
  const curves = analyses.map(({ name, scree }, i) => ({
    ...{ xs: scree.map((_, k) => k + 1), ys: scree.map((share) => 100 * share), kind: `series${i % seriesKinds}`, name, hover: true },
  }));
  const sums = analyses.map(({ name, scree }, i) => ({
    ...{ xs: scree.map((_, k) => k + 1), kind: `series${i % seriesKinds}`, name },
    ys: scree.map((_, k) => 100 * scree.slice(0, k + 1).reduce((sum, share) => sum + share, 0)),
  }));
  const axes = { xLabel: 'principal component (number)', hover: true, whole: true, until: 3 };
  const ratios = barFigure({
    describes: 'Participation ratio of the latents of each network',
    groups: analyses.map(({ name }) => name),
    series: [{ name: 'participation ratio', values: analyses.map(({ participationRatio }) => participationRatio) }],
    ...{ xLabel: 'network (name)', yLabel: 'participation ratio (number)' },
  });
  const body = html`<h2>The dimensions they use</h2>
<figure><div class="figures">${panel('Scree', 'own components', curveFigure(curves, { ...axes, describes: 'Share of variance of each principal component of all networks', yLabel: 'share of variance (%)', include: [0] }))}${panel('Running sum', null, curveFigure(sums, { ...axes, describes: 'Running sum of the shares of variance of all networks', yLabel: 'share of variance (%)', include: [0, 100] }))}${panel('Effective dimensions', null, ratios)}</div>
<figcaption><b>Share of the latents' variance along each network's own principal components</b>, and an effective number of dimensions (participation ratio). Networks that solve a task alike need about the same number.</figcaption></figure>`;
  return { id: 'dimensions', short: 'Dimensions', body };
}

/** All numbers against the reference as a table. */
export function numbersSection(summary: ComparisonSummary): Section {
  const { analyses, againstReference, reference, cca, procrustes, dsa, aligned } = summary;
  const base = analyses[reference] as ComparedAnalysis;
  const columns: [string, (i: number) => string][] = [
    ['Group', (i) => analyses[i]?.group ?? ''],
    ['Units', (i) => formatCount(analyses[i]?.hiddenSize ?? 0)],
    ['Validation loss', (i) => formatNumber(analyses[i]?.loss)],
    ['Participation ratio', (i) => formatNumber(analyses[i]?.participationRatio)],
    ['R² from reference', (i) => formatNumber(againstReference.stateR2[i])],
    ['R² to reference', (i) => formatNumber(againstReference.reconstructionR2[i])],
    ['R² on its PC 1–3', (i) => formatNumber(aligned[i]?.r2)],
    ['CCA', (i) => formatNumber(cca[i]?.[reference])],
    ['Procrustes', (i) => formatNumber(procrustes[i]?.[reference])],
    ['DSA', (i) => (dsa ? `${formatNumber(dsa.scores[i]?.[reference])}${i === reference ? '' : ` ± ${formatNumber(dsa.spread[i]?.[reference], 1)}`}` : '–')],
    ['Rate R²', (i) => formatNumber(againstReference.rateR2[i])],
    ['Input R²', (i) => formatNumber(againstReference.inputR2[i])],
    ['Cycle consistency', (i) => formatNumber(againstReference.cycleConsistency[i])],
  ];
  const told = columns.filter(([label, value]) =>
    label === 'Group' ? analyses.some(({ group }) => group !== 'None') : analyses.some((_, i) => value(i) !== '–'),
  );
  const rows = analyses.map(
    ({ name }, i) =>
      html`<tr><th scope="row">${name}${i === reference ? html` <small class="quiet">reference</small>` : null}</th>${told.map(([label, value]) => html`<td data-label="${label}">${value(i)}</td>`)}</tr>`,
  );
  const body = html`<h2>All numbers</h2>
<div class="wide"><table class="runs"><thead><tr><th scope="col">Network</th>${told.map(([label]) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>
<p class="small-print">Against ${base.name}. Its first component holds ${formatShare(base.scree[0] ?? null)} of its variance. The same numbers, and those of all pairs, are in <code>tables/</code>.</p>`;
  return { id: 'numbers', short: 'Numbers', body };
}
