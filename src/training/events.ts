// What training tells the outside: typed events, plain data. Writes nothing itself; `runs` turns events into files.
import type { BackendDescription } from '../backends/backend.js';

/** Which run of an experiment an event belongs to: one model, one replicate. `path` is its folder, `MODEL/seed-N`. */
export interface RunIdentity {
  readonly model: string;
  readonly seed: number;
  readonly path: string;
}

/** Everything that resuming needs, and nothing about time, host, path or threads. */
export interface CheckpointState {
  /** Epochs completed. */
  readonly epoch: number;
  /** Optimiser steps taken. */
  readonly step: number;
  /** Tensors by name: parameters under PyTorch names; `optimizer.moment1.NAME`, `optimizer.moment2.NAME`. */
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
  /** Counters and schedule state: finite numbers only (`null` for not yet known). */
  readonly counters: Readonly<Record<string, number | null>>;
}

export interface PlanEvent {
  readonly type: 'plan';
  readonly run: RunIdentity;
  readonly backend: BackendDescription;
  readonly parameterCount: number;
  readonly trainingTrials: number;
  readonly validationTrials: number;
  readonly batchesPerEpoch: number;
  readonly microBatchSize: number;
  readonly epochs: number;
  /** Epochs already done when resuming, else 0. */
  readonly startEpoch: number;
  /** The best of these epochs, or null. */
  readonly best: DoneEvent['best'];
  /** Estimate of the memory that training takes, bytes. */
  readonly memoryBytes: number;
}

/** After every epoch; `epoch` counts from 1. */
export interface EpochEvent {
  readonly type: 'epoch';
  readonly run: RunIdentity;
  readonly epoch: number;
  readonly step: number;
  /** Batch-size-weighted mean over the epoch, before each update. NaN, like the validation loss, where the loss has no value by definition (`compat: ctdb`). */
  readonly trainLoss: number;
  readonly validationLoss: number;
  /** Task metrics on the validation trials, e.g. `bitAccuracy`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Mean over the epoch's steps, before clipping. */
  readonly gradientNorm: number;
  /** Wall time of the epoch; the only field that differs between two runs of one experiment. */
  readonly seconds: number;
}

export interface CheckpointEvent {
  readonly type: 'checkpoint';
  readonly run: RunIdentity;
  readonly kind: 'last' | 'best' | 'epoch';
  readonly state: CheckpointState;
  readonly validationLoss: number;
}

export interface WarningEvent {
  readonly type: 'warning';
  readonly run: RunIdentity;
  readonly message: string;
}

export interface DoneEvent {
  readonly type: 'done';
  readonly run: RunIdentity;
  readonly reason: 'completed' | 'stopped early' | 'aborted';
  readonly epoch: number;
  readonly best: { readonly epoch: number; readonly validationLoss: number } | null;
  readonly seconds: number;
}

export type TrainingEvent = PlanEvent | EpochEvent | CheckpointEvent | WarningEvent | DoneEvent;
