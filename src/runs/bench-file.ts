// Reads result files of `bench suite` and of `bench merge`, which may come from anyone: size, shape, numbers and text are checked before anything is drawn.
import * as z from 'zod';
import { RunFormatError } from '../errors.js';
import { longestReason, type SuiteResult, scalingVariables, suiteGroups } from './bench-result.js';

/** Larger than any suite writes: a full one is a quarter of a megabyte. */
export const mostResultBytes = 8 * 2 ** 20;
/** Devices in one table. */
export const mostResults = 32;

const text = z.string().max(300);
const count = z.number().int().min(0).max(1e12);
const amount = z.number().min(0).max(1e30);
const positive = z.number().gt(0).max(1e30);
const orNull = <T extends z.ZodType>(type: T) => type.nullable();

const configuration = {
  backend: text.min(1),
  variant: text.min(1),
  threads: z.number().int().min(1).max(4096),
  adapter: orNull(text),
  software: z.boolean(),
};

const row = z.object({
  ...configuration,
  bench: z.literal('suite'),
  group: z.enum(suiteGroups),
  label: text.min(1),
  kernel: orNull(text),
  task: orNull(text),
  model: orNull(text),
  hiddenSize: orNull(count),
  batchSize: orNull(count),
  steps: orNull(count),
  repeats: count,
  runsPerSample: count,
  medianSeconds: positive,
  minSeconds: positive,
  p95Seconds: positive,
  spread: orNull(amount),
  slowdown: orNull(amount),
  firstSeconds: amount,
  flops: orNull(amount),
  bytes: orNull(amount),
  gflops: orNull(amount),
  gigabytesPerSecond: orNull(amount),
  trialStepsPerSecond: orNull(amount),
  ceilingGflops: orNull(positive),
  ceilingGigabytesPerSecond: orNull(positive),
  share: orNull(amount),
  bandwidthShare: orNull(amount),
  memoryBytes: orNull(amount),
  checked: z.boolean(),
  checkedDeviation: orNull(amount),
  scaling: orNull(z.object({ variable: z.enum(scalingVariables), value: positive })),
});

const result = z.object({
  format: z.literal('motorloop-bench-suite'),
  formatVersion: z.literal(1),
  machine: z.object({
    version: text,
    commit: orNull(text),
    runtime: text,
    system: text,
    processor: text,
    cores: z.number().int().min(0).max(1e5),
    memoryBytes: amount,
    engine: text,
    freeMemoryBytes: amount,
    load: amount,
    date: text,
  }),
  ceiling: z.object({
    method: z.string().max(2000),
    measured: z
      .array(
        z.object({
          ...configuration,
          gflops: positive,
          gigabytesPerSecond: orNull(positive),
          cacheGigabytesPerSecond: orNull(positive),
          runs: count,
        }),
      )
      .max(200),
  }),
  rows: z.array(row).max(4000),
  suite: z.object({
    quick: z.boolean(),
    budgetSeconds: amount,
    elapsedSeconds: amount,
    timerSeconds: amount,
    calibrations: z
      .array(
        z.object({
          device: text,
          at: z.array(amount).max(2000),
          seconds: z.array(amount).max(2000),
          medianSeconds: amount,
          spread: amount,
          drift: amount,
          quiet: z.boolean(),
        }),
      )
      .max(16),
    quiet: z.boolean(),
    notice: z.string().max(2000),
    omissions: z
      .array(z.object({ label: text, configuration: orNull(text), kind: z.enum(['time', 'refused', 'wrong']), reason: z.string().max(longestReason) }))
      .max(4000),
  }),
}) satisfies z.ZodType<SuiteResult>;

/** What `bench merge --json` writes: the results of several files, which can be merged again. */
const merged = z.object({ format: z.literal('motorloop-bench-merge'), formatVersion: z.literal(1), results: z.array(result).min(1).max(mostResults) });

/** Several results as one file. */
export function mergedFile(results: readonly SuiteResult[]): {
  readonly format: string;
  readonly formatVersion: number;
  readonly results: readonly SuiteResult[];
} {
  return { format: 'motorloop-bench-merge', formatVersion: 1, results };
}

/** The results in the text of a file called `name`: one, or several that were merged. Throws RunFormatError with what is wrong, all problems at once. */
export function readBenchFile(content: string, name: string): SuiteResult[] {
  if (content.length > mostResultBytes) throw new RunFormatError(`${name}: expected a result file of at most ${mostResultBytes} bytes, got ${content.length}`);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new RunFormatError(`${name}: expected JSON, got something else; choose a file that bench suite --json or the lab wrote`);
  }
  const format = typeof value === 'object' && value !== null ? (value as { format?: unknown }).format : undefined;
  const several = format === 'motorloop-bench-merge';
  if (!several && format !== 'motorloop-bench-suite')
    throw new RunFormatError(
      `${name}: expected the format motorloop-bench-suite or motorloop-bench-merge, got ${describe(format)}; choose a file that bench suite --json or the lab wrote`,
    );
  const parsed = several ? merged.safeParse(value) : result.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, mostProblems).map(({ path, message }) => `  - ${path.join('.') || 'the file'}: ${message}`);
    const more = parsed.error.issues.length - problems.length;
    throw new RunFormatError(
      `${name}: expected a result of bench suite, got a file with problems:\n${problems.join('\n')}${more > 0 ? `\n  - and ${more} more` : ''}`,
    );
  }
  const { data } = parsed;
  return 'results' in data ? data.results : [data];
}

const mostProblems = 20;

function describe(value: unknown): string {
  return value === undefined ? 'none' : (JSON.stringify(value)?.slice(0, 60) ?? typeof value);
}
