// motorloop simulate: spikes of a simulated population that watches a trained run, as a data set for programs that infer dynamics from spikes.
import { type Command, InvalidArgumentError } from 'commander';
import { ConfigError } from '../errors.js';
import { openBackend } from '../jobs/open-backend.js';
import { simulateSpikes } from '../jobs/simulate.js';
import { absolutePath, folderOf, readFileBytes } from '../platform/files.js';
import { nodeStorage } from '../platform/node.js';
import { openPng } from '../platform/png.js';
import { styled } from '../platform/terminal.js';
import { zipLimits } from '../runs/zip.js';
import { readEmbedding, type DatasetFormat } from '../simulator/dataset.js';
import { type RateFunction, rateFunctions, resolveSimulator, type SimulatorInput } from '../simulator/options.js';
import { type NetworkOptions, networkOptions, noiseChoice, openRuns, openSource } from './analysis-options.js';
import { action, type CommandContext, type CommonOptions, command, wholeNumber } from './shared.js';

interface SimulateOptions extends CommonOptions, NetworkOptions {
  readonly neurons?: number;
  readonly heldOut?: number;
  readonly rate?: RateFunction;
  readonly scaling?: number;
  readonly dispersion?: number;
  readonly trim?: readonly [number, number];
  readonly seed?: number;
  readonly embedding?: string;
  readonly trials?: number;
  readonly dataSeed?: number;
  readonly out?: string;
  readonly png: boolean;
}

export function register(program: Command): void {
  const adding = command(program, 'simulate <run>', 'spikes of a simulated population that watches a trained run, as a data set; RUN is a directory or a zip')
    .option('--neurons <n>', 'simulated neurons (default: 60)', wholeNumber(1))
    .option('--held-out <n>', 'of these, the last ones, left out of encod_data (default: 10)', wholeNumber(0))
    .option('--rate <function>', `from activity to rate: ${rateFunctions.join(', ')} (default: exp)`, rateFunction)
    .option('--scaling <x>', "activity is divided by this many of its standard deviations' (default: 2; 4 where a body moves)", positive)
    .option('--dispersion <x>', 'variance of a count over its mean (default: 1, Poisson)', positive)
    .option('--trim <a,b>', 'keep steps a − 1 to b − 1 as CtDB counts them: 5,-1 drops the first four and the last (default: all)', trim)
    .option('--seed <n>', 'of the assignment of units and of the spikes (default: 0)', wholeNumber(0))
    .option('--embedding <file>', "a data set written before: the same units and scale, for other trials (default: made from this run's trials)")
    .option('--trials <n>', 'other trials: how many (default: those of training)', wholeNumber(2))
    .option('--data-seed <n>', 'other trials: their seed', wholeNumber(0))
    .option('--out <file>', 'FILE.npz or FILE.h5 (default: spikes.npz in the run)')
    .option('--no-png', 'figures as SVG only');
  networkOptions(adding).action(action(simulate));
}

function rateFunction(text: string): RateFunction {
  const found = rateFunctions.find((name) => name === text);
  if (!found) throw new InvalidArgumentError(`expected ${rateFunctions.join(', ')}, got "${text}".`);
  return found;
}

function positive(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidArgumentError(`expected a positive number, got "${text}".`);
  return value;
}

function trim(text: string): readonly [number, number] {
  const match = /^(\d+),(-?\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError(`expected two whole numbers such as 5,-1, got "${text}".`);
  return [Number(match[1]), Number(match[2])];
}

async function simulate(run: string, options: SimulateOptions, context: CommandContext): Promise<void> {
  const { out, trials, dataSeed } = options;
  const noise = noiseChoice(options.noiseless, options.noise);
  const chosen: SimulatorInput = given(options, ['neurons', 'heldOut', 'rate', 'scaling', 'dispersion', 'trim', 'seed']);
  resolveSimulator(chosen);
  const format: DatasetFormat = out?.endsWith('.h5') ? 'h5' : 'npz';
  if (out !== undefined && !/\.(npz|h5)$/.test(out)) throw new ConfigError('--out', [`expected a file ending in .npz or .h5, got "${out}"`]);
  const { source, zipped } = await openSource(run);
  if (zipped && out === undefined) throw new ConfigError('--out', ['expected a file to write for a run in a zip, got none; name one with --out FILE.npz']);
  const known = options.embedding === undefined ? null : await fileBytes(options.embedding);
  const embedding = known && (await readEmbedding(known, options.embedding as string));
  const png = options.png ? await openPng() : null;
  const backend = await openBackend(options.backend, options);
  const simulated: object[] = [];
  try {
    const data = trials === undefined && dataSeed === undefined ? {} : { data: given({ trials, seed: dataSeed }, ['trials', 'seed']) };
    const analyses = await openRuns(source, options, context, { backend, ...data });
    if (analyses.length > 1 && (out !== undefined || embedding))
      throw new ConfigError(run, [
        `expected one run for ${out === undefined ? '--embedding' : '--out'}, got ${analyses.map(({ path }) => path).join(', ')}; name one, such as ${run.replace(/[/\\]+$/, '')}/${analyses[0]?.path}`,
      ]);
    for (const analysis of analyses) {
      const single = await nodeStorage(run).exists('manifest.json');
      const folder = out === undefined ? (single ? run : `${run}/${analysis.path}`) : folderOf(out);
      const name = out === undefined ? 'spikes' : out.replace(/^.*[/\\]/, '').replace(/\.(npz|h5)$/, '');
      const { files, shapes, statistics } = await simulateSpikes({
        ...{ analysis, noise, name, format },
        options: { ...chosen, ...(embedding && chosen.neurons === undefined ? { neurons: embedding.perm.length } : {}) },
        storage: nodeStorage(folder),
        png: typeof png === 'string' ? null : png,
        onProgress: (line) => context.progress.update(line),
        ...(embedding ? { embedding } : {}),
      });
      await analysis.dispose();
      const { meanRate, ratio, fano } = statistics;
      context.print(
        `${analysis.name}: ${Object.entries(shapes)
          .map(([key, shape]) => `${key} [${shape.join(', ')}]`)
          .join(', ')}`,
      );
      context.print(`${meanRate.toFixed(3)} spikes a bin; counts over rates ${ratio.toFixed(4)}, Fano factor ${fano.toFixed(4)}`);
      context.print(`data set ${styled('cyan', absolutePath(`${folder}/${files[0]}`))}, page ${styled('cyan', absolutePath(`${folder}/${files[1]}`))}`);
      simulated.push({ run: analysis.path, directory: absolutePath(folder), files, arrays: shapes, statistics });
    }
    if (typeof png === 'string') context.warn(png);
  } finally {
    await backend.dispose();
  }
  await context.result({ simulated });
}

/** The properties that are not undefined. */
function given<T extends object, K extends keyof T>(from: T, names: readonly K[]): { [P in K]?: NonNullable<T[P]> } {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]]))) as { [P in K]?: NonNullable<T[P]> };
}

async function fileBytes(path: string): Promise<Uint8Array> {
  const bytes = await readFileBytes(path, zipLimits.bytes);
  if (bytes === null) throw new ConfigError(path, ['expected a data set that simulate wrote, got a directory']);
  return bytes;
}
