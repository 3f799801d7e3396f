// motorloop lab: serves the lab on loopback, with the headers that threads need, or writes its page out for a web server.
import type { Command } from 'commander';
import { ConfigError } from '../errors.js';
import { absolutePath } from '../platform/files.js';
import { nodeStorage } from '../platform/node.js';
import { labFolder, serveStatic } from '../platform/serve.js';
import { styled } from '../platform/terminal.js';
import { action, type CommandContext, type CommonOptions, command, wholeNumber } from './shared.js';

interface LabOptions extends CommonOptions {
  readonly port: number;
  readonly out?: string;
}

export function register(program: Command): void {
  command(program, 'lab', 'a page in the browser: choose an experiment, train it, watch, compare, open and keep runs')
    .option('--port <n>', 'port on loopback (default: any that is free)', wholeNumber(0), 0)
    .option('--out <dir>', 'write the page there, for a web server of your own, and serve nothing')
    .action(action(lab));
}

async function lab({ port, out }: LabOptions, context: CommandContext): Promise<void> {
  const folder = await labFolder();
  if (out !== undefined) {
    const target = nodeStorage(out);
    if ((await target.list('')).length > 0) throw new ConfigError(out, ['expected a new or empty directory, got one that holds something; name another one']);
    const source = nodeStorage(folder);
    const names = await source.list('');
    for (const name of names) await target.write(name, await source.read(name));
    context.print(`the lab's page: ${styled('cyan', absolutePath(`${out}/index.html`))}`);
    context.print('a web server sends it; threads need its headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp');
    return context.result({ folder: absolutePath(out), files: names });
  }
  if (port > 65535) throw new ConfigError('--port', [`expected at most 65535, got ${port}`]);
  const server = await serveStatic({ folders: { '/': folder }, port });
  try {
    context.print(`the lab: ${styled('cyan', server.url)}`);
    context.print('Ctrl-C ends it');
    await context.result({ url: server.url });
    if (!context.signal.aborted) await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await server.close();
  }
}
