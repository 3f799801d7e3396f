// What the WASM backend must know about a kernel beyond the catalogue: its exports in order, their work units, its opaque arguments' sizes.
import type { ResolvedCall } from '../catalogue.js';

/** Reads an i32 argument of the call: sizes may depend on values (the layer widths of a NODE). */
export type ReadIntegers = (argument: string) => Int32Array;

/** One export, called by every thread with ranges of work units until none is left; the next phase starts when all are done. */
export interface KernelPhase {
  readonly export: string;
  /** Number of work units; results must not depend on how they are split, nor on who does them. */
  units(call: ResolvedCall, integers: ReadIntegers): number;
  /** Units below which waking other threads does not pay, and which a thread takes at least (default 1: a second thread takes part from two units on). */
  grain?(call: ResolvedCall): number;
}

export interface KernelRow {
  readonly phases: readonly KernelPhase[];
  /** Elements of f32 of each opaque argument, for a call and a number of threads. */
  readonly scratch?: Readonly<Record<string, (call: ResolvedCall, threads: number, integers: ReadIntegers) => number>>;
}
