// Benchmarks with `--in chromium`: the same job in a worker of a headless browser, which names the browser as its runtime.
import type { JobEvent } from '../browser/protocol.js';
import type { BenchName, BenchOptions } from '../jobs/bench/index.js';
import type { BenchResult } from '../jobs/bench/measure.js';
import { withChromium } from './in-chromium.js';
import type { CommandContext } from './shared.js';

export function benchInChromium<N extends BenchName>(name: N, options: BenchOptions[N], context: CommandContext): Promise<BenchResult> {
  const say = { output: context.print, warning: context.warn, progress: (text: string) => context.progress.update(text) };
  return withChromium({}, async ({ start, host: { runtime } }) => {
    const machine = { ...(await context.host.machine()), runtime, engine: runtime };
    const onEvent = (event: JobEvent) => event.type === 'line' && say[event.kind](event.text);
    return start({ kind: 'bench', job: { name, options, machine } }, { signal: context.signal, onEvent });
  });
}
