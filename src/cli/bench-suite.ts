// motorloop bench suite and bench merge: everything on every backend of this device, as a page; and the results of several devices on one.
import { type Command, InvalidArgumentError } from 'commander';
import { ConfigError } from '../errors.js';
import { bench } from '../jobs/bench/index.js';
import type { SuiteOptions } from '../jobs/bench/suite.js';
import { table } from '../jobs/table.js';
import { checkWritableFile, readFileBytes, writeTextFile } from '../platform/files.js';
import { renderBench } from '../report/bench-page.js';
import { agreementSentences, bestOf, mergedSentences, percent, suiteSentences } from '../report/bench-sentences.js';
import { comparedGroups, deviceNames, formatSeconds, letter, worksOf } from '../report/bench-works.js';
import { mergedFile, mostResultBytes, mostResults, readBenchFile } from '../runs/bench-file.js';
import { configurationName, type SuiteResult, type SuiteRow, suiteGroups } from '../runs/bench-result.js';
import { benchInChromium } from './bench-chromium.js';
import { action, type CommandContext, type CommonOptions, command, exitCodes, list, place, type Place, wholeNumber } from './shared.js';

interface SuiteCommand extends CommonOptions, SuiteOptions {
  readonly html?: string;
  readonly in: Place;
}

export function registerSuite(parent: Command): void {
  command(parent, 'suite', 'measures everything on every backend that works here: which is fastest for what, by how much, how far from the ceiling')
    .option('--quick', 'a part of everything, in three minutes on two cores', false)
    .option('--seconds <n>', 'time to spend (default: 150 with --quick, else 900)', wholeNumber(1))
    .option('--backend <name>', 'only this backend; may be repeated (default: all but software GPUs)', list)
    .option('--group <name>', `only this kind of work: ${suiteGroups.join(', ')}; may be repeated`, group)
    .option('--html <file>', 'write a page with pictures')
    .option('--in <where>', 'node, or chromium: in a worker of a headless browser', place, 'node')
    .action(action(runSuite));
  command(parent, 'merge <file...>', 'puts result files of the suite, of several devices or runs, in one table')
    .option('--html <file>', 'write a page with pictures')
    .action(action(merge));
}

function group(text: string, previous: string[] | undefined): string[] {
  if (!(suiteGroups as readonly string[]).includes(text)) throw new InvalidArgumentError(`expected ${suiteGroups.join(', ')}, got "${text}".`);
  return list(text, previous);
}

async function runSuite({ html, in: where, json: _json, quiet: _quiet, ...options }: SuiteCommand, context: CommandContext): Promise<number> {
  if (html !== undefined) await checkWritableFile(html);
  const result = (await (where === 'node' ? bench('suite', options, context) : benchInChromium('suite', options, context))) as SuiteResult;
  await context.result(result);
  if (html !== undefined) await writeTextFile(html, renderBench([result]));
  printResult(result, context);
  if (html !== undefined) context.print(`\npage: ${html}`);
  const wrong = result.suite.omissions.filter(({ kind }) => kind === 'wrong');
  for (const { label, configuration, reason } of wrong) context.warn(`${label} on ${configuration}: ${reason}`);
  return wrong.length > 0 ? exitCodes.failed : exitCodes.done;
}

function printResult(result: SuiteResult, context: CommandContext): void {
  const header = ['what', 'backend', 'median', 'spread', 'GFLOP/s', 'of ceiling', 'GB/s', 'of memory'];
  const cells = comparedGroups.flatMap((name) =>
    worksOf(result.rows, name).flatMap(({ label, rows }) => rows.map((row, i) => rowCells(i === 0 ? label : '', row))),
  );
  for (const line of table(header, cells, header.slice(2))) context.print(line);
  context.print();
  for (const line of suiteSentences(result)) context.print(line);
  const { omissions, notice } = result.suite;
  const late = omissions.filter(({ kind }) => kind === 'time');
  const refused = omissions.filter(({ kind }) => kind === 'refused');
  context.print(`\n${notice}`);
  if (late.length > 0)
    context.print(
      `Left out for want of time: ${late.length} (${named(late.map(({ label, configuration }) => (configuration ? `${label} on ${configuration}` : label)))})`,
    );
  for (const reason of new Set(refused.map(({ configuration, reason: why }) => `${configuration}: ${why}`))) context.print(`Not done by ${reason}`);
}

const mostNamed = 6;
const named = (items: readonly string[]): string =>
  `${items.slice(0, mostNamed).join('; ')}${items.length > mostNamed ? `; and ${items.length - mostNamed} more, named in the page and in --json` : ''}`;

function rowCells(label: string, row: SuiteRow): string[] {
  const number = (value: number | null) => (value === null ? '' : value.toPrecision(3));
  const share = (value: number | null) => (value === null ? '' : percent(value));
  return [
    label,
    configurationName(row),
    formatSeconds(row.medianSeconds),
    share(row.spread),
    number(row.gflops),
    share(row.share),
    number(row.gigabytesPerSecond),
    share(row.bandwidthShare),
  ];
}

interface MergeCommand extends CommonOptions {
  readonly html?: string;
}

async function merge(files: readonly string[], { html }: MergeCommand, context: CommandContext): Promise<void> {
  if (html !== undefined) await checkWritableFile(html);
  const results: SuiteResult[] = [];
  for (const file of files) {
    const bytes = await readFileBytes(file, mostResultBytes);
    if (bytes === null) throw new ConfigError(file, ['expected a result file of bench suite, got a directory']);
    results.push(...readBenchFile(new TextDecoder().decode(bytes), file));
  }
  if (results.length > mostResults) throw new ConfigError('bench merge', [`expected at most ${mostResults} results, got ${results.length}`]);
  await context.result(mergedFile(results));
  if (html !== undefined) await writeTextFile(html, renderBench(results));
  const names = deviceNames(results);
  for (const [i, name] of names.entries()) context.print(`${name}${results[i]?.suite.quiet ? '' : ' (not quiet)'}`);
  const header = ['what', ...names.map((_, i) => letter(i))];
  const labels = comparedGroups.flatMap((kind) =>
    [...new Set(results.flatMap(({ rows }) => worksOf(rows, kind).map(({ label }) => label)))].map((label) => [kind, label] as const),
  );
  const cells = labels.map(([kind, label]) => [
    label,
    ...results.map((result) => {
      const best = bestOf(result, kind, label);
      return best ? `${formatSeconds(best.medianSeconds)} ${configurationName(best)}` : '–';
    }),
  ]);
  context.print();
  for (const line of table(header, cells)) context.print(line);
  context.print();
  const sentences = results.length > 1 ? [...mergedSentences(results), ...agreementSentences(results)] : suiteSentences(results[0] as SuiteResult);
  for (const line of sentences) context.print(line);
  if (html !== undefined) context.print(`\npage: ${html}`);
}
