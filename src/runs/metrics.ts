// metrics.jsonl: one line of JSON an epoch. Made to be appended to, and to survive a crash in the middle of a line.
import { RunFormatError } from '../errors.js';

/** One epoch as recorded; `seconds` is the only field that differs between two runs of one experiment. */
export interface MetricsRow {
  /** Epochs completed, from 1. */
  readonly epoch: number;
  /** Optimiser steps taken. */
  readonly step: number;
  /** NaN, in the file null, where the loss has no value by definition (the first epoch of a reach with `compat: ctdb`). */
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly learningRate: number;
  /** Mean norm of the gradient over the epoch's steps, before clipping. */
  readonly gradientNorm: number;
  /** Task metrics on the validation trials, e.g. `bitAccuracy`; null where a task gave none that is finite. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly seconds: number;
}

const numbers = ['epoch', 'step', 'trainLoss', 'validationLoss', 'learningRate', 'gradientNorm', 'seconds'] as const;

const losses = ['trainLoss', 'validationLoss'] as const;

/** Seconds to four digits, which is more than any clock is good for. */
export function readable(seconds: number): number {
  return Number(seconds.toPrecision(4));
}

/** A row as a line of metrics.jsonl, with its newline. */
export function formatMetrics(row: MetricsRow): string {
  const { epoch, step, trainLoss, validationLoss, learningRate, gradientNorm, metrics, seconds } = row;
  return `${JSON.stringify({ epoch, step, trainLoss, validationLoss, learningRate, gradientNorm, metrics, seconds: readable(seconds) })}\n`;
}

/**
 * The rows of metrics.jsonl. A last line without its newline was cut short by a crash and is left out.
 * Throws RunFormatError, naming `where` and the line, for anything else that is not a row, or for epochs that do not count 1, 2, 3, …
 */
export function parseMetrics(text: string, where: string): MetricsRow[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      const row = parseRow(line);
      if (row?.epoch !== index + 1) {
        throw new RunFormatError(
          `${where}, line ${index + 1}: expected the metrics of epoch ${index + 1}, got ${line.slice(0, 80)}; the file was damaged or edited`,
        );
      }
      return row;
    });
}

function parseRow(line: string): MetricsRow | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const row = value as Record<string, unknown>;
  const { metrics } = row;
  for (const name of losses) if (row[name] === null) row[name] = Number.NaN;
  if (numbers.some((name) => typeof row[name] !== 'number') || typeof metrics !== 'object' || metrics === null) return null;
  return Object.values(metrics).every((metric) => metric === null || typeof metric === 'number') ? (value as MetricsRow) : null;
}
