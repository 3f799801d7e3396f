// State R² between all pairs of networks, both ways, as a matrix; each name comes with its loss.
import type { ExperimentSummary, RunSummary, SimilaritySummary } from '../analysis/summary-data.js';
import { formatNumber, minus } from './format.js';
import { html, type Markup } from './html.js';

/** Up to this many networks the columns carry names; more are numbered, to fit a phone. */
const mostNamedColumns = 4;

/** The matrix: row = source of the map, column = target. */
export function similarityTable({ runs }: ExperimentSummary, similarity: SimilaritySummary): Markup {
  const shown = similarity.runs.map((position) => runs[position] as RunSummary);
  const several = new Set(shown.map(({ model }) => model)).size < shown.length;
  const numbered = shown.length > mostNamedColumns;
  const facts = (run: RunSummary) =>
    html`<small>${several ? `seed ${run.seed}, ` : ''}loss ${formatNumber(run.evaluation.loss ?? run.final.validationLoss, 2)}</small>`;
  const heads = shown.map(
    (run, j) => html`<th scope="col" title="to ${name(run)}">${numbered ? `to ${j + 1}` : html`<small>to</small><b>${run.model}</b>${facts(run)}`}</th>`,
  );
  const rows = shown.map((source, i) => {
    const cells = shown.map((target, j) => cell(similarity.r2[i]?.[j] ?? null, source, target, i === j, numbered ? 2 : 3));
    return html`<tr><th scope="row">${numbered ? html`${i + 1} ` : html`<small>from</small>`}<b>${source.model}</b>${facts(source)}</th>${cells}</tr>`;
  });
  const width = numbered ? 4.2 : 9;
  return html`<div class="wide"><table class="${numbered ? 'matrix numbered' : 'matrix'}" style="max-width:${10 + shown.length * width}rem"><thead><tr><th scope="col">${numbered ? 'from' : ''}</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

const name = (run: RunSummary) => `${run.model}, seed ${run.seed}`;

function cell(r2: number | null, source: RunSummary, target: RunSummary, same: boolean, digits: number): Markup {
  const strength = Math.round(Math.max(0, Math.min(1, r2 ?? 0)) * 100);
  // two digits go without their zero: nine columns fit a phone
  const fixed = r2?.toFixed(digits) ?? '–';
  const text = minus(digits < 3 ? fixed.replace(/^(-?)0\./, '$1.') : fixed);
  return html`<td class="${same ? 'r2 same' : 'r2'}${strength > 62 ? ' strong' : ''}" style="--share:${strength}%" title="from ${name(source)} to ${name(target)}">${text}</td>`;
}
