// What a job (a run, a check, a benchmark) is given by whoever starts it: the command line in Node, a worker in a browser.
import type { Machine } from '../platform/machine.js';
import type { HostFacts } from '../runs/manifest.js';

/** Facts about program and machine, which each platform finds in its own way. */
export interface JobHost {
  facts(): Promise<HostFacts>;
  /** What a benchmark records. */
  machine(): Promise<Machine>;
  /** Most memory that this process has taken so far, bytes; null where the host does not tell. */
  peakBytes(): number | null;
}

export interface JobContext {
  /** Aborts on request: pass it on, finish what must be finished, return. */
  readonly signal: AbortSignal;
  readonly host: JobHost;
  /** One line that changes; `always` shows it however recent the last change is. */
  readonly progress: { update(line: string, always?: boolean): void };
  /** A line for people. */
  print(line?: string): void;
  /** A warning for people. */
  warn(message: string): void;
}
