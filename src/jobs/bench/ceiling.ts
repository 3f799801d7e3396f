// What a machine can do at most, measured beside every benchmark: multiply-adds that stay in registers and, on a GPU, bytes through its memory.
import type { Backend } from '../../backends/backend.js';
import { type MeasuredOn, measuredOn } from './measure.js';

export interface Ceiling extends MeasuredOn {
  readonly gflops: number;
  /** Bytes read and written by an elementwise kernel on arrays that no cache holds; null on processors. */
  readonly gigabytesPerSecond: number | null;
  readonly runs: number;
}

export const ceilingMethod = 'best of five runs of the kernel "ceiling"; on a GPU also of negating one large array into another';

/** Vectors of four, a multiply and an add each: see the kernel `ceiling`. */
const ceilingFlops = 12 * 4 * 2;
/** About 25 ms a thread at 40 GFLOP/s. */
const ceilingIterations = 10_000_000;

/** Best of five runs on all threads of a backend, or on the whole device; null on a backend without a limit worth naming (the reference). */
export async function measureCeiling(backend: Backend, runs = 5): Promise<Ceiling | null> {
  const on = measuredOn(backend);
  if (on.backend === 'reference') return null;
  if (on.adapter !== null) return { ...on, gflops: await deviceFlops(backend, runs), gigabytesPerSecond: await deviceBytes(backend, runs), runs };
  const { threads } = on;
  const buffer = backend.allocate(threads, 'f32');
  try {
    const call = { args: { y: { buffer, shape: [threads], dtype: 'f32' as const } }, params: { iterations: ceilingIterations } };
    // Two short runs first: the loop is then compiled by the optimising compiler.
    for (let i = 0; i < 100; i++) backend.run('ceiling', { ...call, params: { iterations: 2000 } });
    await pause();
    const seconds = await best(backend, runs, () => backend.run('ceiling', call));
    return { ...on, gflops: (threads * ceilingIterations * ceilingFlops) / seconds / 1e9, gigabytesPerSecond: null, runs };
  } finally {
    backend.free(buffer);
  }
}

/** Invocations that fill any GPU several times over. */
const invocations = 2 ** 19;
/** A dispatch should be long beside its start, and short beside what a watchdog allows. */
const longEnoughSeconds = 0.02;

async function deviceFlops(backend: Backend, runs: number): Promise<number> {
  const buffer = backend.allocate(invocations, 'f32');
  try {
    const run = (iterations: number) =>
      backend.run('ceiling', { args: { y: { buffer, shape: [invocations], dtype: 'f32' as const } }, params: { iterations } });
    await best(backend, 1, () => run(1));
    let iterations = 1;
    let seconds = await best(backend, 1, () => run(iterations));
    while (seconds < longEnoughSeconds && iterations < 2 ** 20) {
      iterations *= 2;
      seconds = await best(backend, 1, () => run(iterations));
    }
    seconds = await best(backend, runs, () => run(iterations));
    return (invocations * iterations * ceilingFlops) / seconds / 1e9;
  } finally {
    backend.free(buffer);
  }
}

/** More than the caches of large GPUs hold; less on a software adapter, whose memory is the machine's. */
const bandwidthBytes = { hardware: 2 ** 28, software: 2 ** 24 };

async function deviceBytes(backend: Backend, runs: number): Promise<number> {
  const bytes = Math.min(backend.arrayLimit ?? Number.POSITIVE_INFINITY, backend.description.software ? bandwidthBytes.software : bandwidthBytes.hardware);
  const length = Math.floor(bytes / 4);
  const [from, to] = [backend.allocate(length, 'f32'), backend.allocate(length, 'f32')];
  try {
    const args = { x: { buffer: from, shape: [length], dtype: 'f32' as const }, y: { buffer: to, shape: [length], dtype: 'f32' as const } };
    const seconds = await best(backend, runs, () => backend.run('elementwise_unary', { variant: 'negate', args }));
    return (2 * 4 * length) / seconds / 1e9;
  } finally {
    for (const buffer of [from, to]) backend.free(buffer);
  }
}

/** Seconds of the fastest of `runs` runs, after one that does not count. */
async function best(backend: Backend, runs: number, run: () => void): Promise<number> {
  let seconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs + 1; i++) {
    const start = performance.now();
    run();
    await backend.finish();
    if (i > 0) seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return seconds;
}

/** Lets background compilation finish. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
