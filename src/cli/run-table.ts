// How the networks of an experiment ended, as the table at the end of `run`.
import { metricLabel, metricNumber } from '../report/metric-text.js';
import type { RunRow } from '../jobs/run-rows.js';
import { table } from '../jobs/table.js';
import { duration, grouped, lossText } from './numbers.js';

/** The rows as lines of text of at most `width` characters, as far as leaving out columns can do that. */
export function runTable(rows: readonly RunRow[], width: number): string[] {
  const metricNames = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns: Record<string, (row: RunRow) => string> = {
    model: (row) => row.model,
    seed: (row) => String(row.seed),
    parameters: (row) => grouped(row.parameterCount),
    epochs: (row) => (row.reason === 'completed' ? String(row.epochs) : `${row.epochs} (${row.reason ?? row.status})`),
    'train loss': (row) => lossText(row.trainLoss),
    'validation loss': (row) => lossText(row.validationLoss),
    best: (row) => (row.best ? `${lossText(row.best.validationLoss)} at ${row.best.epoch}` : ''),
    ...Object.fromEntries(metricNames.map((name) => [metricLabel(name), (row: RunRow) => metricNumber(name, row.metrics[name]) ?? ''])),
    time: (row) => duration(row.seconds),
  };
  const render = () => {
    const header = Object.keys(columns);
    const cells = rows.map((row) => Object.values(columns).map((cell) => cell(row)));
    return table(header, cells, header.slice(1));
  };
  let lines = render();
  // What goes first on a narrow terminal; the report has it all.
  for (const name of ['best', ...metricNames.slice(1).reverse().map(metricLabel), 'parameters', 'train loss']) {
    if (lines.every((line) => line.length <= width)) break;
    delete columns[name];
    lines = render();
  }
  return lines;
}
