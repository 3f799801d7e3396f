// Who does what of a grid: workers take one piece of work after the other; a point's report comes as soon as its last network is trained.
import type { GridUnit } from './unit.js';

/** Does one piece of work at a time. `run` rejects when the work failed; the worker then goes on with others. */
export interface GridWorker {
  run(unit: GridUnit): Promise<void>;
  close(): Promise<void>;
}

export interface ScheduleOptions {
  /** What there is to train, in the order in which it begins. */
  readonly runs: readonly (GridUnit & { readonly kind: 'run' })[];
  /** Points whose report is missing or out of date. */
  readonly reports: ReadonlySet<number>;
  /** Points with a network that was complete before: there is something to report on even if all others fail. */
  readonly begun: ReadonlySet<number>;
  readonly workers: readonly GridWorker[];
  readonly signal: AbortSignal;
  readonly onStart: (worker: number, unit: GridUnit) => void;
  /** `error`: null when the work was done (or stopped on request). */
  readonly onEnd: (worker: number, unit: GridUnit, error: unknown) => void;
}

/** Works until nothing is left or the signal aborts; never rejects for work that failed. */
export async function schedule({ runs, reports, begun, workers, signal, onStart, onEnd }: ScheduleOptions): Promise<void> {
  const left = new Map<number, number>();
  for (const { point } of runs) left.set(point, (left.get(point) ?? 0) + 1);
  const reportable = new Set(begun);
  const ready: GridUnit[] = [...[...reports].filter((point) => !left.has(point)).map((point): GridUnit => ({ kind: 'report', point })), ...runs];
  let busy = 0;
  let wake: (() => void)[] = [];

  async function work(worker: GridWorker, index: number): Promise<void> {
    while (!signal.aborted) {
      const unit = ready.shift();
      if (!unit) {
        if (busy === 0) return;
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      busy++;
      onStart(index, unit);
      let failure: unknown = null;
      try {
        await worker.run(unit);
      } catch (error) {
        failure = error;
      }
      busy--;
      if (unit.kind === 'run') {
        const rest = (left.get(unit.point) as number) - 1;
        left.set(unit.point, rest);
        if (failure === null) reportable.add(unit.point);
        if (rest === 0 && reports.has(unit.point) && reportable.has(unit.point) && !signal.aborted) ready.unshift({ kind: 'report', point: unit.point });
      }
      onEnd(index, unit, signal.aborted ? null : failure);
      const waiting = wake;
      wake = [];
      for (const resolve of waiting) resolve();
    }
  }
  await Promise.all(workers.map(work));
}
