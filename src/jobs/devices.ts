// Which backends are there, what was refused and why, with the self-check's result for each variant: on this host, be it Node or a browser's worker.
import type { BackendDescription } from '../backends/backend.js';
import { type BackendReport, createBackend, listBackends, selfCheck } from '../backends/create.js';

export interface VariantReport {
  readonly variant: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface DevicesReport {
  readonly backends: readonly (BackendReport & { readonly checks: readonly VariantReport[] })[];
  /** What `auto` chooses. */
  readonly auto: BackendDescription;
}

/** Tries out every variant of every backend. */
export async function describeDevices(): Promise<DevicesReport> {
  const backends = [];
  for (const report of await listBackends()) {
    const checks: VariantReport[] = [];
    for (const variant of report.available ? report.variants : []) checks.push(await check(report.name, variant));
    backends.push({ ...report, checks });
  }
  const auto = await createBackend('auto');
  await auto.dispose();
  return { backends, auto: auto.description };
}

/** Starts a backend and lets it roll out forward and backward against the reference. */
async function check(name: string, variant: string): Promise<VariantReport> {
  try {
    const backend = await createBackend(name, { variant });
    try {
      return { variant, ...(await selfCheck(backend)) };
    } finally {
      await backend.dispose();
    }
  } catch (error) {
    return { variant, ok: false, detail: (error as Error).message };
  }
}
