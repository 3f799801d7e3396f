// Delays and ranks for DSA in the report: heat maps over a grid, for choosing both before networks are compared.
import type { DsaScanSummary, ScanTable } from '../analysis/dsa/summarise-scan.js';
import type { ExperimentSummary } from '../analysis/summary-data.js';
import { formatNumber } from './format.js';
import { html, type Markup } from './html.js';
import { matrixFigure } from './matrix-figure.js';
import { networkName } from './point-sections.js';
import { panel, type Section } from './section.js';

const maps: readonly { readonly key: 'splitHalf' | 'mase' | 'mse' | 'aic' | 'nonNormality' | 'residual'; readonly title: string; readonly label: string }[] = [
  { key: 'splitHalf', title: 'Distance of two halves', label: 'angle (rad), less is better' },
  { key: 'mase', title: 'Prediction error', label: 'MASE (1: standing still)' },
  { key: 'mse', title: 'Squared prediction error', label: 'MSE (state²)' },
  { key: 'aic', title: "Akaike's criterion", label: 'AIC (less is better)' },
  { key: 'nonNormality', title: 'Departure from normality', label: 'Henrici (dimensionless)' },
  { key: 'residual', title: 'Residual of eigenpairs', label: 'residual (dimensionless)' },
];

/** Heat maps of each network that was scanned; null where none was. */
export function scanSection(summary: ExperimentSummary): Section | null {
  const scanned = summary.runs.flatMap((run) => (run.dynamics?.dsaScan ? [{ name: networkName(summary, run), scan: run.dynamics.dsaScan }] : []));
  if (scanned.length === 0) return null;
  const body = html`<h2>Delays and rank for DSA</h2>
${scanned.map(({ name, scan }) => html`<p>${bestText(name, scan)}</p>`)}
<figure><div class="figures">${scanned.map(({ name, scan }) => maps.map(({ key, title, label }) => panel(`${name}: ${title.toLowerCase()}`, null, heatMap(name, scan, title, label, scan[key]))))}</div>
<figcaption><b>What a choice of delays and rank gives</b>: the angular distance between operators of two disjoint sets of trials of the same network, which a useful choice makes small; how well an operator fitted on one set predicts the other, one step ahead, against standing still; and how far the operator is from a normal matrix and its eigenpairs from closing under the dynamics. Choose where prediction no longer improves and halves agree; a dash: the data do not have that rank.</figcaption></figure>`;
  return { id: 'dsa-scan', short: 'DSA scan', body };
}

function heatMap(name: string, { delays, ranks }: DsaScanSummary, title: string, valueLabel: string, values: ScanTable): Markup {
  return matrixFigure({
    describes: `${title} of ${name} by delays and rank`,
    rows: delays.map(String),
    columns: ranks.map(String),
    values,
    rowLabel: 'delays (steps)',
    columnLabel: 'rank (dimensions)',
    valueLabel,
    format: (value) => formatNumber(value, 2),
  });
}

/** The choice whose halves are closest, among those that predict better than standing still. */
function bestText(name: string, { delays, ranks, trials, phase, splitHalf, mase }: DsaScanSummary): string {
  const cells = delays.flatMap((delay, i) => ranks.map((rank, k) => ({ delay, rank, distance: splitHalf[i]?.[k] ?? null, error: mase[i]?.[k] ?? null })));
  const useful = cells.flatMap(({ delay, rank, distance, error }) =>
    distance !== null && error !== null && error < 1 ? [{ delay, rank, distance, error }] : [],
  );
  const measured = `${name}, ${trials} ${phase === 'all' ? '' : `${phase} `}trials a half`;
  const best = useful.sort((a, b) => a.distance - b.distance)[0];
  if (!best) return `${measured}: no choice of the grid predicts better than standing still.`;
  return `${measured}: of the choices that predict better than standing still, halves are closest with ${best.delay} ${best.delay === 1 ? 'delay' : 'delays'} and rank ${best.rank} (${formatNumber(best.distance, 2)} rad, MASE ${formatNumber(best.error, 2)}).`;
}
