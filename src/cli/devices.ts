// motorloop devices: what backends are there, what was refused and why, with the self-check's result for each variant.
import type { Command } from 'commander';
import { createBackend, listBackends, selfCheck } from '../backends/create.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes } from './shared.js';
import { table } from './table.js';

export function register(program: Command): void {
  command(program, 'devices', 'lists the backends, what was refused and why, and checks each against the reference').action(action(devices));
}

interface VariantReport {
  readonly variant: string;
  readonly ok: boolean;
  readonly detail: string;
}

async function devices(_: CommonOptions, context: CommandContext): Promise<number> {
  const backends = [];
  for (const report of await listBackends()) {
    const checks: VariantReport[] = [];
    for (const variant of report.available ? report.variants : []) checks.push(await check(report.name, variant));
    backends.push({ ...report, checks });
  }
  const auto = await createBackend('auto');
  const chosen = auto.description;
  await auto.dispose();

  for (const { name, available, threads, reason, checks } of backends) {
    context.print(`${name}: ${available ? `${threads} thread${threads === 1 ? '' : 's'}` : 'not available'}; ${reason}`);
    for (const line of table(
      ['', '', ''],
      checks.map(({ variant, ok, detail }) => [`  ${variant}`, ok ? 'ok' : 'FAILED', detail]),
    ).slice(1))
      context.print(line);
  }
  context.print(`auto chooses ${chosen.name} (${chosen.variant}, ${chosen.threads} threads): ${chosen.reason}`);
  await context.result({ backends, auto: chosen });
  return backends.every(({ checks }) => checks.every(({ ok }) => ok)) ? exitCodes.done : exitCodes.failed;
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
