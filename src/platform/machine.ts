// What a benchmark says about the machine it ran on, and what the process took from it. Node only.
import { freemem, loadavg } from 'node:os';
import type { HostFacts } from '../runs/manifest.js';
import { hostFacts } from './node.js';

export interface Machine extends HostFacts {
  readonly engine: string;
  readonly freeMemoryBytes: number;
  /** Mean number of running processes over the last minute, before the benchmark: above 0.5 or so, timings suffer. */
  readonly load: number;
  /** When the benchmark began, ISO 8601. */
  readonly date: string;
}

export async function describeMachine(): Promise<Machine> {
  return { ...(await hostFacts()), engine: `v8 ${process.versions.v8}`, freeMemoryBytes: freemem(), load: loadavg()[0] ?? 0, date: new Date().toISOString() };
}

/** Largest resident set of this process so far, bytes. */
export function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
