// What a machine can do at most, measured beside every benchmark: multiply-adds that stay in registers and, on a GPU, bytes through its memory.
import type { Backend } from '../../backends/backend.js';
import type { SuiteCeiling } from '../../runs/bench-result.js';
import { measuredOn } from './measure.js';

/** On processors the bytes are null: `measureBandwidth` takes longer than most benchmarks should. */
export type Ceiling = SuiteCeiling;

export const ceilingMethod = 'best of five runs of the kernel "ceiling"; on a GPU also of negating one large array into another';

/** Vectors of four, a multiply and an add each: see the kernel `ceiling`. */
const ceilingFlops = 12 * 4 * 2;
/** About 25 ms a thread at 40 GFLOP/s. */
const ceilingIterations = 10_000_000;

/**
 * Best of five runs on all threads of a backend, or on the whole device; null on a backend without a limit worth naming (the reference). `length` shortens the
 * runs on processors: more and shorter ones find the gaps that other programs leave.
 */
export async function measureCeiling(backend: Backend, runs = 5, length = 1): Promise<Ceiling | null> {
  const on = measuredOn(backend);
  if (on.backend === 'reference') return null;
  if (on.adapter !== null) {
    const gflops = await deviceFlops(backend, runs);
    return { ...on, gflops, gigabytesPerSecond: await measureBandwidth(backend, 'memory', runs), cacheGigabytesPerSecond: null, runs };
  }
  const { threads } = on;
  const buffer = backend.allocate(threads, 'f32');
  try {
    const run = (iterations: number) => backend.run('ceiling', { args: { y: { buffer, shape: [threads], dtype: 'f32' as const } }, params: { iterations } });
    // Short runs first: the loop is then compiled by the optimising compiler.
    for (let i = 0; i < 100; i++) run(2000);
    await pause();
    // fewer iterations where they take longer: JavaScript is ten times slower
    const short = await best(backend, 1, () => run(ceilingIterations / 100));
    const iterations = Math.ceil(length * ceilingIterations * Math.min(1, Math.max(0.01, (longEnoughSeconds / 100 / short) * 1.25)));
    const seconds = await best(backend, runs, () => run(iterations));
    return { ...on, gflops: (threads * iterations * ceilingFlops) / seconds / 1e9, gigabytesPerSecond: null, cacheGigabytesPerSecond: null, runs };
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

/** More than the caches hold, of large GPUs and of processors; less on a software adapter, whose memory is the machine's. */
const memoryBytes = { hardware: 2 ** 28, processor: 2 ** 26, software: 2 ** 24 };
/** Two of these stay in the second-level cache of a thread's processor. */
const cacheBytes = 2 ** 18;

/** Gigabytes a second, read and written, of negating one array into another: arrays that only memory holds, or that a cache does. */
export async function measureBandwidth(backend: Backend, level: 'memory' | 'cache', runs = 5): Promise<number> {
  const { adapter, software = false, threads } = backend.description;
  const wanted = level === 'cache' ? cacheBytes * threads : memoryBytes[software ? 'software' : adapter === null ? 'processor' : 'hardware'];
  const most = Math.floor(Math.min(backend.arrayLimit ?? Number.POSITIVE_INFINITY, wanted) / 4);
  const trial = Math.min(most, trialElements);
  const rate = await throughput(backend, trial, 1, 1);
  // a backend that takes seconds for large arrays is not held back by memory: the small ones say as much
  const length = level === 'memory' && most / rate > longestMove ? trial : most;
  return (2 * 4 * (await throughput(backend, length, level === 'cache' ? 50 : 1, runs))) / 1e9;
}

/** Elements whose move tells how long larger arrays would take, and seconds that one may take. */
const [trialElements, longestMove] = [2 ** 18, 0.25];

/** Elements a second, the best of some runs. */
async function throughput(backend: Backend, length: number, repeated: number, runs: number): Promise<number> {
  const [from, to] = [backend.allocate(length, 'f32'), backend.allocate(length, 'f32')];
  try {
    const args = { x: { buffer: from, shape: [length], dtype: 'f32' as const }, y: { buffer: to, shape: [length], dtype: 'f32' as const } };
    const seconds = await best(backend, runs, () => {
      for (let i = 0; i < repeated; i++) backend.run('elementwise_unary', { variant: 'negate', args });
    });
    return (length * repeated) / seconds;
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
