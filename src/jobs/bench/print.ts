// The rows of a benchmark as a table in the terminal.
import type { JobContext } from '../context.js';
import { table } from '../table.js';
import type { Configuration, Timing } from './measure.js';

/** What every row has, whatever was measured. */
export interface MeasuredRow extends Configuration, Timing {
  readonly gflops: number | null;
  readonly share: number | null;
  readonly peakBytes?: number | null;
  readonly dispatches?: number | null;
  readonly timeChunks?: number | null;
}

/** Prints rows, each with what it measured; the share is that of the ceiling measured in the same process. */
export function printRows(context: JobContext, rows: readonly (readonly [MeasuredRow, string])[]): void {
  const header = [
    'what',
    'backend',
    'variant',
    'threads',
    'median',
    'min',
    'p95',
    'GFLOP/s',
    'share',
    ...(rows.some(([row]) => row.dispatches) ? ['dispatches'] : []),
    ...(rows.some(([row]) => row.peakBytes) ? ['peak memory'] : []),
  ];
  const right = header.slice(3);
  const cells = rows.map(([row, what]) => [
    what,
    row.backend,
    row.variant,
    String(row.threads),
    milliseconds(row.medianSeconds),
    milliseconds(row.minSeconds),
    milliseconds(row.p95Seconds),
    row.gflops === null ? '' : row.gflops.toFixed(1),
    row.share === null ? '' : `${(100 * row.share).toFixed(0)}%`,
    ...(header.includes('dispatches') ? [row.dispatches ? `${row.dispatches} + ${row.timeChunks}` : ''] : []),
    row.peakBytes ? `${(row.peakBytes / 1e6).toFixed(0)} MB` : '',
  ]);
  for (const line of table(header, cells, right)) context.print(line);
}

/** Three significant digits, in ms. */
function milliseconds(seconds: number): string {
  const value = 1000 * seconds;
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ms`;
}
