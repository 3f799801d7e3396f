// The thread pool: ranges, barriers between phases, failures on any thread, sleeping and waking. Node only: it starts worker threads of its own binary.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Pool, startPool } from '../../src/backends/wasm/pool.js';
import type { KernelExport } from '../../src/backends/wasm/protocol.js';

const test = suite('wasm pool');

// Three exports (start, end, thread) over a shared memory: `add` adds end − start to word 0, `see` stores word 0 at word 1 + start, `trap` stores 1 at word 20 and traps.
const name = (text: string) => [text.length, ...Buffer.from(text)];
const section = (id: number, body: readonly number[]) => [id, body.length, ...body];
const body = (code: readonly number[]) => [code.length + 2, 0, ...code, 0x0b];
const binary = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0]),
  ...section(2, [1, ...name('env'), ...name('memory'), 2, 3, 1, 1]),
  ...section(3, [3, 0, 0, 0]),
  ...section(7, [3, ...name('add'), 0, 0, ...name('see'), 0, 1, ...name('trap'), 0, 2]),
  ...section(10, [
    3,
    ...body([0x41, 0, 0x20, 1, 0x20, 0, 0x6b, 0xfe, 0x1e, 2, 0, 0x1a]),
    ...body([0x20, 0, 0x41, 4, 0x6c, 0x41, 0, 0xfe, 0x10, 2, 0, 0xfe, 0x17, 2, 4]),
    ...body([0x41, 0, 0x41, 1, 0xfe, 0x17, 2, 80, 0x00]),
  ]),
]);
const exports = ['add', 'see', 'trap'];
const [add, see, trap] = [0, 1, 2];

/** Waits, awake, until a word has a value; ten seconds at most. */
function waitFor(words: Int32Array, index: number, value: number): void {
  const until = performance.now() + 10_000;
  while (Atomics.load(words, index) !== value && performance.now() < until);
}

/** A pool; `ours` replaces exports on this thread, given the memory's words. */
async function start(threads: number, ours?: (words: Int32Array) => Record<string, KernelExport>): Promise<{ pool: Pool; words: Int32Array }> {
  const module = await WebAssembly.compile(binary);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const words = new Int32Array(memory.buffer);
  const own = ours?.(words) ?? {};
  const kernels = exports.map((key) => own[key] ?? (instance.exports[key] as KernelExport));
  return { pool: await startPool(module, memory, kernels, exports, threads, 0), words };
}

// Three threads on two processors wait for their turn at every barrier, hence fewer rounds.
for (const [threads, rounds] of [
  [2, 200],
  [3, 20],
] as const) {
  test(`${threads} threads share all units, and each sees the whole of a phase in the next`, async () => {
    const { pool, words } = await start(threads);
    for (let round = 1; round <= rounds; round++) {
      const units = (round * 37) % 1001;
      words[0] = 0;
      pool.launch(
        [
          { export: add, units, least: 1 },
          { export: add, units: 5, least: 0 },
          { export: see, units: threads, least: 1 },
        ],
        [],
      );
      for (let unit = 0; unit < threads; unit++) assert.is(words[1 + unit], units + 5, `round ${round}, unit ${unit}`);
    }
    await pool.dispose();
  });
}

test('a thread that is held up gets its share done by the others', async () => {
  let own = 0;
  const hold = (words: Int32Array) => (from: number, to: number) => {
    own = to - from;
    waitFor(words, 0, 100 - own);
    Atomics.add(words, 0, own);
  };
  const { pool, words } = await start(2, (shared) => ({ add: hold(shared) }));
  for (const least of [1, 30, 60]) {
    words[0] = 0;
    pool.launch([{ export: add, units: 100, least }], []);
    assert.is(words[0], 100);
    assert.is(own, Math.min(50, Math.max(13, least)));
  }
  await pool.dispose();
});

test('workers that fell asleep wake up', async () => {
  const { pool, words } = await start(2);
  for (const pause of [1, 20, 60]) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    words[0] = 0;
    pool.launch([{ export: add, units: 10, least: 1 }], []);
    assert.is(words[0], 10);
  }
  await pool.dispose();
});

test('a trap on a worker is thrown here, and the pool goes on', async () => {
  // This thread holds its own unit until the worker has begun its own.
  const { pool, words } = await start(2, (shared) => ({ trap: () => waitFor(shared, 20, 1) }));
  for (let round = 0; round < 3; round++) {
    words[20] = 0;
    assert.throws(
      () =>
        pool.launch(
          [
            { export: trap, units: 2, least: 1 },
            { export: add, units: 10, least: 1 },
          ],
          [],
        ),
      /unreachable/,
    );
    words[0] = 0;
    pool.launch([{ export: add, units: 10, least: 1 }], []);
    assert.is(words[0], 10);
  }
  await pool.dispose();
});

test('more arguments than the command block holds are refused', async () => {
  const { pool } = await start(2);
  assert.throws(() => pool.launch([{ export: add, units: 10, least: 1 }], new Array(97).fill(0)), /expected at most 96 arguments/);
  await pool.dispose();
});

test('a worker that cannot start is an error with its reason', async () => {
  const module = await WebAssembly.compile(binary);
  const tooSmall = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  let message = '';
  await startPool(module, tooSmall, [], exports, 2, 0).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /^wasm: expected worker 1 to start, got "failed: .*; try threads: 1/);
});

test.run();
