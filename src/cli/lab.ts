// motorloop lab: serves the lab on loopback, with the headers that threads need, or writes its page out for a web server.
import type { Command } from 'commander';
import { ConfigError } from '../errors.js';
import { absolutePath } from '../platform/files.js';
import { nodeStorage } from '../platform/node.js';
import { bundleFolder, gpujsFolders, labFolder, serveStatic } from '../platform/serve.js';
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
  const folders = { '/': await labFolder(), '/engine/': await bundleFolder('lab'), ...gpujsFolders() };
  if (out !== undefined) return writeOut(folders, out, context);
  if (port > 65535) throw new ConfigError('--port', [`expected at most 65535, got ${port}`]);
  const server = await serveStatic({ folders, port });
  try {
    context.print(`the lab: ${styled('cyan', server.url)}`);
    context.print('Ctrl-C ends it');
    await context.result({ url: server.url });
    if (!context.signal.aborted) await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await server.close();
  }
}

/** Copies the files of each folder to where the server would have them. */
async function writeOut(folders: Readonly<Record<string, string>>, out: string, context: CommandContext): Promise<void> {
  const target = nodeStorage(out);
  if ((await target.list('')).length > 0) throw new ConfigError(out, ['expected a new or empty directory, got one that holds something; name another one']);
  const files: string[] = [];
  for (const [path, folder] of Object.entries(folders)) {
    const source = nodeStorage(folder);
    for (const name of (await source.list('')).filter((entry) => !entry.endsWith('/'))) {
      files.push(`${path.slice(1)}${name}`);
      await target.write(files.at(-1) as string, await source.read(name));
    }
  }
  context.print(`the lab's page: ${styled('cyan', absolutePath(`${out}/index.html`))}`);
  context.print('a web server sends it; threads need its headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp');
  await context.result({ folder: absolutePath(out), files });
}
