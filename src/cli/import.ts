// motorloop import: weights from PyTorch as a run, latents from anywhere (.npy, .npz, HDF5 of CtDB) as arrays that `compare` takes.
import { type Command, InvalidArgumentError } from 'commander';
import { ConfigError } from '../errors.js';
import { parseExperimentText } from '../config/yaml.js';
import { type GivenFile, importArrays, importWeights, kindOfFile } from '../jobs/import.js';
import { absolutePath, importModule, readFileBytes, readTextFile } from '../platform/files.js';
import { hostFacts, nodeStorage } from '../platform/node.js';
import { styled } from '../platform/terminal.js';
import { zipLimits } from '../runs/zip.js';
import { action, type CommandContext, type CommonOptions, command } from './shared.js';

interface ImportOptions extends CommonOptions {
  readonly out?: string;
  readonly experiment?: string;
  readonly model?: string;
  readonly name?: string;
  readonly trainingFraction?: number;
}

export function register(program: Command): void {
  command(
    program,
    'import <file...>',
    'takes in weights of PyTorch (.safetensors), or latents and what goes with them (.npy, .npz, HDF5 of CtDB); FILE is one file, or two .npy files: training, validation',
  )
    .option('--out <dir>', 'where to write, new or empty (default: runs/NAME)')
    .option('--experiment <file>', 'weights: the experiment whose task and model they belong to')
    .option('--model <name>', 'weights: which model of the experiment (default: the only one)')
    .option('--name <name>', "arrays: name in comparisons (default: the file's)")
    .option('--training-fraction <share>', 'arrays: share of the trials that train where one array holds all of them, the first ones (default: 0.8)', share)
    .action(action(importFiles));
}

function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError(`expected a number between 0 and 1, got "${text}".`);
  return value;
}

async function importFiles(names: readonly string[], options: ImportOptions, context: CommandContext): Promise<void> {
  const files: GivenFile[] = [];
  for (const name of names) {
    const bytes = await readFileBytes(name, zipLimits.bytes);
    if (bytes === null) throw new ConfigError(name, ['expected a file, got a directory; runs need no import']);
    files.push({ name: name.replace(/^.*[/\\]/, ''), bytes });
  }
  const [first] = files as [GivenFile];
  const name = options.name ?? first.name.replace(/\.[^.]*$/, '');
  const out = options.out ?? `runs/${name.replace(/[^A-Za-z0-9._+-]+/g, '-').replace(/^[.-]+/, '') || 'imported'}`;
  const storage = nodeStorage(out);
  if ((await storage.list('')).length > 0)
    throw new ConfigError(out, ['expected a new or empty directory, got one that holds something; name another one with --out']);
  await storage.checkWritable?.();
  if (files.length === 1 && kindOfFile(first) === 'safetensors') {
    const { experiment: file } = options;
    if (file === undefined) throw new ConfigError('--experiment', ['expected the experiment whose task and model these weights belong to, got none']);
    const experiment = parseExperimentText(await readTextFile(file), file);
    const { path, weights, entry } = await importWeights({
      file: first,
      experiment,
      ...(options.model === undefined ? {} : { model: options.model }),
      storage,
      host: await hostFacts(),
      now: new Date().toISOString(),
      loadTask: (module) => importModule(module, file),
    });
    for (const [parameter, source] of Object.entries(weights.used)) context.print(`${parameter} from ${source}`);
    if (weights.zeros.length > 0) context.print(`zero, as the file has none: ${weights.zeros.join(', ')}`);
    if (weights.ignored.length > 0) context.warn(`not used: ${weights.ignored.slice(0, 40).join(', ')}`);
    context.print(`run ${styled('cyan', absolutePath(`${out}/${path}`))}, for analyse and compare`);
    await context.result({ directory: absolutePath(out), run: path, model: entry.name, used: weights.used, zeros: weights.zeros, ignored: weights.ignored });
    return;
  }
  const { analysis, used, ignored } = await importArrays({
    files,
    name,
    storage,
    ...(options.trainingFraction === undefined ? {} : { trainingFraction: options.trainingFraction }),
  });
  const shapes = Object.fromEntries(
    Object.entries(analysis.arrays).map(([kind, { train, validation }]) => [kind, { train: shapeOf(train), validation: shapeOf(validation) }]),
  );
  for (const line of used) context.print(line);
  for (const [kind, { train, validation }] of Object.entries(shapes)) context.print(`${kind} [${train.join(', ')}] and [${validation.join(', ')}]`);
  if (ignored.length > 0) context.warn(`not used: ${ignored.slice(0, 40).join(', ')}`);
  context.print(`arrays ${styled('cyan', absolutePath(out))}, for compare`);
  await context.result({ directory: absolutePath(out), name: analysis.name, arrays: shapes, used, ignored });
}

const shapeOf = ({ trials, steps, width }: { trials: number; steps: number; width: number }): number[] => [trials, steps, width];
