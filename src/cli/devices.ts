// motorloop devices: what backends are there, what was refused and why, with the self-check's result for each variant.
import type { Command } from 'commander';
import { describeDevices } from '../jobs/devices.js';
import { withChromium } from './in-chromium.js';
import { grouped } from './numbers.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes, place, type Place } from './shared.js';
import { table } from '../jobs/table.js';

export function register(program: Command): void {
  command(program, 'devices', 'lists the backends, what was refused and why, and checks each against the reference')
    .option('--in <where>', 'node, or chromium: in a worker of a headless browser', place, 'node')
    .action(action(devices));
}

async function devices(options: CommonOptions & { readonly in: Place }, context: CommandContext): Promise<number> {
  const { backends, auto } = await (options.in === 'node' ? describeDevices() : withChromium({}, ({ start }) => start({ kind: 'devices' }, context)));
  for (const { name, available, threads, reason, checks, adapter, software, limits } of backends) {
    context.print(`${name}: ${available ? `${threads} thread${threads === 1 ? '' : 's'}` : 'not available'}; ${reason}`);
    if (adapter) context.print(`  ${software ? 'a software adapter, which auto never chooses' : 'a hardware adapter'}: ${adapter}`);
    if (limits)
      context.print(
        `  ${Object.entries(limits)
          .map(([limit, value]) => `${limit} ${grouped(value)}`)
          .join(', ')}`,
      );
    for (const line of table(
      ['', '', ''],
      checks.map(({ variant, ok, detail }) => [`  ${variant}`, ok ? 'ok' : 'FAILED', detail]),
    ).slice(1))
      context.print(line);
  }
  context.print(`auto chooses ${auto.name} (${auto.variant}, ${auto.threads} threads): ${auto.reason}`);
  await context.result({ backends, auto });
  return backends.every(({ checks }) => checks.every(({ ok }) => ok)) ? exitCodes.done : exitCodes.failed;
}
