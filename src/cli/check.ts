// motorloop check: replays every golden file of a folder through the backends and prints each quantity with its error, bound and verdict.
import type { Command } from 'commander';
import type { BackendDescription } from '../backends/backend.js';
import type { JobEvent } from '../browser/protocol.js';
import { ConfigError, RunFormatError } from '../errors.js';
import { nodeStorage } from '../platform/node.js';
import { checkFiles } from '../jobs/check/check-files.js';
import { withChromium } from './in-chromium.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes, list, place, type Place, wholeNumber } from './shared.js';
import { table } from '../jobs/table.js';
import type { FileResult } from '../jobs/check/replay.js';

interface CheckOptions extends CommonOptions {
  readonly backend?: readonly string[];
  readonly variant?: string;
  readonly threads?: number;
  readonly in: Place;
}

/** Without --backend: the oracle and the backend that people train on. */
const defaultBackends = ['reference', 'wasm'];

export function register(program: Command): void {
  command(program, 'check <dir>', 'replays every golden file (*.safetensors) of a folder through the backends and compares all numbers')
    .option('--backend <name>', `backend to check; may be repeated (default: ${defaultBackends.join(' and ')})`, list)
    .option('--variant <name>', 'variant of the backend, e.g. simd or relaxed (default: its own)')
    .option('--threads <n>', 'threads of the backend (default: its own)', wholeNumber(1))
    .option('--in <where>', 'node, or chromium: in a worker of a headless browser', place, 'node')
    .addHelpText(
      'after',
      '\nExit codes: 0 every quantity of every file within its bound; 1 one is not, or a file is not understood or not yet supported; 2 a file is broken.',
    )
    .action(action(check));
}

async function check(directory: string, options: CheckOptions, context: CommandContext): Promise<number> {
  const files = (await nodeStorage(directory).list('')).filter((name) => name.endsWith('.safetensors'));
  if (files.length === 0) throw new ConfigError('check', [`expected a folder with golden files (*.safetensors), got ${directory} without any`]);
  const results = await (options.in === 'node' ? replayHere : replayInChromium)(directory, files, options, context);
  if (context.signal.aborted) return exitCodes.interrupted;
  await context.result({
    files: results.map(({ file, backend, quantities, ok, notes, problem }) => ({
      file,
      backend,
      quantities,
      ok,
      ...(notes.length > 0 ? { notes } : {}),
      ...(problem === null ? {} : { problem }),
    })),
    ok: results.every((result) => result.ok),
  });
  return conclude(results, context);
}

type Replay = (directory: string, files: readonly string[], options: CheckOptions, context: CommandContext) => Promise<FileResult[]>;

const replayHere: Replay = async (directory, files, options, context) => {
  const storage = nodeStorage(directory);
  const sources = files.map((file) => ({ file, read: () => storage.read(file) }));
  const results: FileResult[] = [];
  for (const backend of options.backend ?? defaultBackends) {
    const own = await checkFiles(sources, {
      ...options,
      backend,
      signal: context.signal,
      onStart: (file, index) => context.progress.update(`${backend}: ${file} (${index + 1} of ${files.length})`),
      onResult: (result, description) => print(result, description, context),
    });
    results.push(...own);
  }
  return results;
};

const replayInChromium: Replay = (directory, files, options, context) =>
  withChromium({ folders: { '/golden/': directory } }, async ({ start, url }) => {
    const urls = Object.fromEntries(files.map((file) => [file, `${url}golden/${encodeURIComponent(file)}`]));
    const { variant, threads } = options;
    const results: FileResult[] = [];
    for (const backend of options.backend ?? defaultBackends) {
      const job = { backend, ...(variant === undefined ? {} : { variant }), ...(threads === undefined ? {} : { threads }) };
      const onEvent = (event: JobEvent) => event.type === 'check' && print(event.result, event.backend, context);
      results.push(...(await start({ kind: 'check', job, files: urls }, { signal: context.signal, onEvent })));
    }
    return results;
  });

function print(result: FileResult, description: BackendDescription, context: CommandContext): void {
  context.print(`${result.ok ? 'ok  ' : 'FAIL'} ${result.file} (${description.name}, ${description.variant})`);
  for (const note of result.notes) context.print(`  ${note}`);
  if (result.problem !== null) context.print(`  ${result.problem}`);
  if (result.quantities.length === 0) return;
  const number = (value: number | null) => (value === null ? '—' : value === 0 ? '0' : value.toExponential(1));
  const rows = result.quantities.map(({ name, maxAbs, maxRel, bound, ok }) => [`  ${name}`, number(maxAbs), number(maxRel), number(bound), ok ? 'ok' : 'FAIL']);
  for (const line of table(['  quantity', 'max abs error', 'max rel error', 'bound', 'verdict'], rows, ['max abs error', 'max rel error', 'bound']))
    context.print(line);
}

function conclude(results: readonly FileResult[], context: CommandContext): number {
  const failed = results.filter((result) => !result.ok);
  const quantities = results.reduce((sum, result) => sum + result.quantities.length, 0);
  context.print();
  context.print(`${results.length - failed.length} of ${results.length} files ok, ${quantities} quantities compared.`);
  for (const { file, backend, problem, quantities: own } of failed) {
    context.print(`  ${backend}: ${problem ?? `${file}: ${own.filter((quantity) => !quantity.ok).length} of ${own.length} quantities out of bounds`}`);
  }
  if (failed.length === 0) return exitCodes.done;
  const broken = failed.filter((result) => result.malformed).map((result) => result.problem);
  if (broken.length > 0) throw new RunFormatError(broken.join('\n'));
  return exitCodes.failed;
}
