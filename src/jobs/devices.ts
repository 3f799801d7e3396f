// Which backends are there, what was refused and why, with the self-check's result for each variant: on this host, be it Node or a browser's worker.
import type { BackendDescription } from '../backends/backend.js';
import { type BackendReport, createBackend, listBackends } from '../backends/create.js';

export interface DevicesReport {
  readonly backends: readonly BackendReport[];
  /** What `auto` chooses. */
  readonly auto: BackendDescription;
}

/** Tries out every variant of every backend, and rolls out forward and backward against the reference. */
export async function describeDevices(): Promise<DevicesReport> {
  const backends = await listBackends(undefined, true);
  const auto = await createBackend('auto');
  await auto.dispose();
  return { backends, auto: auto.description };
}
