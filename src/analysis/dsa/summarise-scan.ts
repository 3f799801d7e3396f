// Which delays and rank suit a network for DSA, as analysis.json and the report show it: the sweep and the scan of sweep.ts over one grid.
import { ConfigError } from '../../errors.js';
import type { Analysis, NoiseChoice, Phase } from '../analysis.js';
import { halvesOf } from './compare.js';
import { type SweepCell, scanDsa, sweepDmd } from './sweep.js';

/** A table by delays (rows) and rank (columns); null where the data do not have that rank, or the number is not finite. */
export type ScanTable = readonly (readonly (number | null)[])[];

/** A grid of delays and ranks, measured on the first trials of a phase. */
export interface DsaScanSummary {
  readonly delays: readonly number[];
  readonly ranks: readonly number[];
  /** Trials that were fitted, and as many others: predicted, and fitted as the other half. */
  readonly trials: number;
  readonly phase: Phase;
  /** Angular distance between the operators of both halves, rad. */
  readonly splitHalf: ScanTable;
  /** Of the other half, predicted one step ahead: MAE over that of persistence, and Akaike's criterion. */
  readonly mase: ScanTable;
  readonly mse: ScanTable;
  readonly aic: ScanTable;
  /** Of the operator: Henrici's departure from normality, mean residual of its eigenpairs. */
  readonly nonNormality: ScanTable;
  readonly residual: ScanTable;
}

const delays = [1, 5, 10, 20] as const;
const ranks = [2, 5, 10, 20, 50] as const;

/**
 * Scans delays 1, 5, 10, 20 and ranks 2, 5, 10, 20, 50 on as many trials as DSA uses by default (1 %, at least 2). Takes about half a minute for 500 steps of 128
 * units. Throws ConfigError for a phase of one trial, and what `fitDmd` throws.
 */
export async function summariseScan(
  analysis: Pick<Analysis, 'getLatents'>,
  { phase = 'validation', noise, onProgress, signal }: ScanChoice = {},
): Promise<DsaScanSummary> {
  const latents = await analysis.getLatents(phase, noise);
  const halves = await halvesOf(latents, {});
  if (halves === null) throw new ConfigError('dsa', [`expected at least two ${phase} trials, got one`]);
  const [fitted, predicted] = halves;
  const rows: (readonly (SweepCell | null)[])[] = [];
  for (const [index, each] of delays.entries()) {
    onProgress?.((0.4 * index) / delays.length);
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    rows.push(sweepDmd(fitted, { delays: [each], ranks, test: predicted }).cells[0] as readonly (SweepCell | null)[]);
  }
  const { splitHalf } = await scanDsa(latents, {
    ...{ delays, ranks },
    onProgress: ({ done, of }) => onProgress?.(0.4 + (0.6 * done) / of),
    ...(signal ? { signal } : {}),
  });
  const tableOf = (value: (cell: SweepCell) => number | null) => rounded(rows.map((row) => row.map((cell) => (cell === null ? null : value(cell)))));
  return {
    ...{ delays, ranks, trials: fitted.trials, phase },
    splitHalf: rounded(splitHalf),
    mase: tableOf(({ mase }) => mase),
    mse: tableOf(({ mse }) => mse),
    aic: tableOf(({ aic }) => aic),
    nonNormality: tableOf(({ nonNormality }) => nonNormality),
    residual: tableOf(({ residual }) => residual),
  };
}

export interface ScanChoice {
  /** Default validation. */
  readonly phase?: Phase;
  readonly noise?: NoiseChoice | undefined;
  /** Hears the share that is done. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

const rounded = (table: ScanTable): ScanTable =>
  table.map((row) => row.map((value) => (value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(6)))));
