// State R² between all pairs of networks, both ways, as a matrix; each row and column shows the loss beside the name.
import type { ExperimentSummary, RunSummary, SimilaritySummary } from '../analysis/summary-data.js';
import { formatNumber, minus } from './format.js';
import { html, type Markup } from './html.js';

/** The matrix: row = source of the map, column = target. */
export function similarityTable({ runs }: ExperimentSummary, similarity: SimilaritySummary): Markup {
  const shown = similarity.runs.map((position) => runs[position] as RunSummary);
  const several = new Set(shown.map(({ model }) => model)).size < shown.length;
  const name = (run: RunSummary) => html`${run.model}${several ? html`<small>seed ${run.seed}</small>` : null}<small>loss ${formatNumber(run.evaluation.loss ?? run.final.validationLoss, 2)}</small>`;
  const rows = shown.map(
    (source, i) => html`<tr><th scope="row"><span class="from">from</span> ${name(source)}</th>${shown.map((target, j) => cell(similarity.r2[i]?.[j] ?? null, source, target, i === j))}</tr>`,
  );
  return html`<table class="matrix"><thead><tr><td></td>${shown.map((run) => html`<th scope="col"><span class="from">to</span> ${name(run)}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
}

function cell(r2: number | null, source: RunSummary, target: RunSummary, same: boolean): Markup {
  const strength = Math.round(Math.max(0, Math.min(1, r2 ?? 0)) * 100);
  const text = r2 === null ? '–' : minus(r2.toFixed(3));
  const title = `from ${source.model} (seed ${source.seed}) to ${target.model} (seed ${target.seed})`;
  return html`<td class="${same ? 'r2 same' : 'r2'}${strength > 62 ? ' strong' : ''}" style="--share:${strength}%" title="${title}">${text}</td>`;
}
