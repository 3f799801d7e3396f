// motorloop export: arrays and weights of a run as files for NumPy, PyTorch and spreadsheets.
import { type Command, InvalidArgumentError } from 'commander';
import type { Phase } from '../analysis/analysis.js';
import { ConfigError } from '../errors.js';
import { type ExportFormat, exportFormats, exportKinds, type ExportKind, exportRun } from '../jobs/export.js';
import { openBackend } from '../jobs/open-backend.js';
import { absolutePath } from '../platform/files.js';
import { nodeStorage } from '../platform/node.js';
import { styled } from '../platform/terminal.js';
import { type NetworkOptions, networkOptions, noiseChoice, openRuns, openSource, phaseChoice, wordsAmong } from './analysis-options.js';
import { action, type CommandContext, type CommonOptions, command } from './shared.js';

interface ExportOptions extends CommonOptions, NetworkOptions {
  readonly out?: string;
  readonly what?: readonly ExportKind[];
  readonly phase?: Phase;
  readonly format?: ExportFormat;
}

export function register(program: Command): void {
  const adding = command(program, 'export <run>', 'writes arrays and weights of a run for other programs; RUN is a directory or a zip')
    .option('--out <dir>', 'where to write, new or empty (default: RUN-export)')
    .option('--what <kinds>', `joined by commas: ${exportKinds.join(', ')} (default: latents,outputs,network_inputs,targets,weights)`, wordsAmong(exportKinds))
    .option('--phase <which>', 'all, train or validation (default: all, trials that train first)', phaseChoice)
    .option('--format <name>', `${exportFormats.join(', ')} (default: npy)`, format);
  networkOptions(adding).action(action(exportFiles));
}

function format(text: string): ExportFormat {
  const found = exportFormats.find((name) => name === text);
  if (!found) throw new InvalidArgumentError(`expected ${exportFormats.join(', ')}, got "${text}".`);
  return found;
}

async function exportFiles(run: string, options: ExportOptions, context: CommandContext): Promise<void> {
  const noise = noiseChoice(options.noiseless, options.noise);
  const { source } = await openSource(run);
  const out = options.out ?? `${run.replace(/[/\\]+$/, '').replace(/\.zip$/i, '')}-export`;
  const target = nodeStorage(out);
  if ((await target.list('')).length > 0)
    throw new ConfigError(out, ['expected a new or empty directory, got one that holds something; name another one with --out']);
  await target.checkWritable?.();
  const { what, phase } = options;
  const backend = await openBackend(options.backend, options);
  const exported: object[] = [];
  try {
    const analyses = await openRuns(source, options, context, { backend });
    for (const analysis of analyses) {
      const folder = analyses.length > 1 ? analysis.path : '';
      const files = await exportRun(analysis, folder === '' ? target : nodeStorage(`${out}/${folder}`), {
        noise,
        ...(what === undefined ? {} : { what }),
        ...(phase === undefined ? {} : { phase }),
        ...(options.format === undefined ? {} : { format: options.format }),
        onProgress: (kind) => context.progress.update(`${analysis.name}: ${kind}`),
      });
      await analysis.dispose();
      const directory = absolutePath(`${out}/${folder}`);
      context.print(`${analysis.name}: ${files.join(', ')} in ${styled('cyan', directory)}`);
      exported.push({ run: analysis.path, directory, files });
    }
  } finally {
    await backend.dispose();
  }
  await context.result({ exported });
}
