// motorloop bench kernels: single kernels at the sizes of the flip-flop recipe, each compared with the reference before it is timed.
import type { Backend, BufferHandle, DType, KernelArgument, KernelCall, TensorData } from '../../backends/backend.js';
import { kernelSpec } from '../../backends/catalogue.js';
import { ConfigError, NumericsError } from '../../errors.js';
import { fillNormal, randomKey } from '../../random.js';
import type { JobContext } from '../context.js';
import { type BenchArgument, type BenchCase, kernelCases } from './kernel-cases.js';
import { type Ceiling, ceilingMethod, measureCeiling } from './ceiling.js';
import {
  type BenchResult,
  configurations,
  type MeasureOptions,
  measuredOn,
  type MeasuredOn,
  onReference,
  type Timeable,
  type Timing,
  time,
  withBackend,
} from './measure.js';
import { printRows } from './print.js';

export interface KernelsOptions extends MeasureOptions {
  readonly kernel?: readonly string[];
}

interface Row extends MeasuredOn, Timing {
  readonly bench: 'kernels';
  readonly kernel: string;
  readonly shape: string;
  readonly gflops: number | null;
  readonly gigabytesPerSecond: number;
  readonly ceilingGflops: number | null;
  readonly share: number | null;
  readonly checked: boolean;
  readonly checkedDeviation: number;
}

/** Largest deviation from the reference, relative to the largest element of an output (1e-20 at least: smaller ones become 0), that f32 explains at the small sizes. */
const checkBound = 1e-4;

export async function kernels(options: KernelsOptions, context: JobContext): Promise<BenchResult> {
  const machine = await context.host.machine();
  const chosen = (small: boolean) => kernelCases(small).filter(({ kernel }) => options.kernel === undefined || options.kernel.includes(kernel));
  const known = new Set(kernelCases(true).map(({ kernel }) => kernel));
  for (const name of options.kernel ?? []) {
    if (!known.has(name)) throw new ConfigError('bench kernels', [`--kernel: expected ${[...known].join(', ')}, got "${name}"`]);
  }
  const full = chosen(false);
  const small = chosen(true);
  const cases = full.map((item, i) => kernelCase(item, small[i] as BenchCase));
  const ceilings: Ceiling[] = [];
  const rows: Row[] = [];
  for (const configuration of await configurations(options)) {
    await withBackend(configuration, async (backend) => {
      const ceiling = await measureCeiling(backend);
      if (ceiling) ceilings.push(ceiling);
      for (const [i, item] of full.entries()) {
        context.progress.update(`${configuration.variant}, ${configuration.threads} threads: ${item.kernel}, ${item.shape}`);
        rows.push(await measure(backend, item, cases[i] as Timeable, options, ceiling, context.signal));
      }
    });
  }
  printRows(
    context,
    rows.map((row) => [row, `${row.kernel}, ${row.shape}`]),
  );
  return { machine, ceiling: { method: ceilingMethod, measured: ceilings }, rows };
}

/** A call with its arguments on a backend. */
interface Prepared {
  readonly call: KernelCall;
  readonly buffers: BufferHandle[];
}

function elements({ shape, fill, data }: BenchArgument, name: string): ArrayLike<number> | null {
  if (data) return data;
  if (fill === undefined) return null;
  const length = shape.reduce((product, n) => product * n, 1);
  if (fill === 'indices') return Int32Array.from({ length }, (_, i) => length - 1 - i);
  const values = new Float32Array(length);
  fillNormal(values, randomKey(0, `bench ${name}`), 0);
  const scale = { normal: 1, small: 0.05, tiny: 1e-30 }[fill];
  return scale === 1 ? values : values.map((value) => scale * value);
}

/** Allocates and fills the arguments of a case; what `before` computes is handed on under the same names. */
function prepare(backend: Backend, item: BenchCase): Prepared {
  const buffers: BufferHandle[] = [];
  const args: Record<string, KernelArgument | null> = {};
  const allocate = (shape: readonly number[], dtype: DType): KernelArgument => {
    const buffer = backend.allocate(
      shape.reduce((product, n) => product * n, 1),
      dtype,
    );
    buffers.push(buffer);
    return { buffer, shape, dtype };
  };
  const { args: specs } = kernelSpec(item.kernel);
  if (item.before) {
    const before = prepare(backend, item.before);
    backend.run(item.before.kernel, before.call);
    buffers.push(...before.buffers);
    for (const { name, access } of kernelSpec(item.before.kernel).args) {
      if (access !== 'read' && specs.some((spec) => spec.name === name && spec.access === 'read')) args[name] = before.call.args[name] ?? null;
    }
  }
  for (const { name, dtype } of specs) {
    const given = item.args[name];
    if (!given || args[name]) continue;
    const argument = allocate(given.shape, dtype);
    const data = elements(given, name);
    if (data) backend.write(argument.buffer, data);
    args[name] = argument;
  }
  for (const { name, shape } of specs) {
    if (shape[0] === 'scratch' && !args[name]) args[name] = allocate([backend.scratchLength(item.kernel, name, { ...item.call, args })], 'f32');
  }
  return { call: { ...item.call, args }, buffers };
}

/** Runs a case once and reads its outputs. */
async function outputsOf(backend: Backend, item: BenchCase): Promise<TensorData[]> {
  const { call, buffers } = prepare(backend, item);
  try {
    backend.run(item.kernel, call);
    const outputs: TensorData[] = [];
    for (const { name, access, shape } of kernelSpec(item.kernel).args) {
      const argument = call.args[name];
      if (access !== 'read' && shape[0] !== 'scratch' && argument) outputs.push(await backend.read(argument.buffer));
    }
    return outputs;
  } finally {
    for (const buffer of buffers) backend.free(buffer);
  }
}

/** A kernel to time, with a small case of it to check. */
export function kernelCase(item: BenchCase, small: BenchCase): Timeable {
  const expected = onReference((backend) => outputsOf(backend, small));
  return {
    async check(backend) {
      return deviationOf(small, await outputsOf(backend, small), await expected());
    },
    async open(backend) {
      const { call, buffers } = prepare(backend, item);
      const run = async () => {
        backend.run(item.kernel, call);
        await backend.finish();
      };
      const memoryBytes = buffers.reduce((sum, { length }) => sum + 4 * length, 0);
      return { run, memoryBytes, dispose: () => buffers.forEach((buffer) => backend.free(buffer)) };
    },
  };
}

/** Largest deviation from the reference, relative to the largest element of its output. Throws when f32 does not explain it. */
function deviationOf(item: BenchCase, actual: readonly TensorData[], expected: readonly TensorData[]): number {
  let deviation = 0;
  for (const [k, values] of expected.entries()) {
    let size = 0;
    let worst = 0;
    for (let i = 0; i < values.length; i++) {
      size = Math.max(size, Math.abs(values[i] as number));
      worst = Math.max(worst, Math.abs((values[i] as number) - ((actual[k] as TensorData)[i] as number)));
    }
    deviation = Math.max(deviation, worst / Math.max(size, 1e-20));
  }
  if (!(deviation <= checkBound)) {
    throw new NumericsError(
      `bench kernels: expected ${item.kernel} (${item.shape}) within ${checkBound} of the reference, got a deviation of ${deviation}; please report this`,
    );
  }
  return deviation;
}

async function measure(
  backend: Backend,
  item: BenchCase,
  timed: Timeable,
  { repeats }: KernelsOptions,
  ceiling: Ceiling | null,
  signal: AbortSignal,
): Promise<Row> {
  const deviation = await timed.check(backend);
  const opened = await timed.open(backend);
  try {
    const timing = await time(opened.run, repeats, signal);
    const gflops = item.flops === null ? null : item.flops / timing.medianSeconds / 1e9;
    return {
      bench: 'kernels',
      ...measuredOn(backend),
      kernel: item.kernel,
      shape: item.shape,
      ...timing,
      gflops,
      gigabytesPerSecond: item.bytes / timing.medianSeconds / 1e9,
      ceilingGflops: ceiling?.gflops ?? null,
      share: ceiling && gflops !== null ? gflops / ceiling.gflops : null,
      checked: true,
      checkedDeviation: deviation,
    };
  } finally {
    await opened.dispose();
  }
}
