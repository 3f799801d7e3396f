// The WASM backend's allocator: alignment, zeroing, reuse, joining of neighbours, exact accounts, exhaustion, use after free.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmMemory, type WasmBuffer, pageBytes } from '../../src/backends/wasm/memory.js';
import { BackendError } from '../../src/errors.js';
import { randomKey, uniformAt } from '../../src/random.js';

const test = suite('wasm memory');
const base = 1000;

function create(pages: number): WasmMemory {
  return new WasmMemory(new WebAssembly.Memory({ initial: 1, maximum: pages }), base, pages);
}

test('gives aligned, zeroed blocks that do not overlap, through random use', () => {
  const heap = create(256);
  const key = randomKey(1, 'allocator');
  const live: { buffer: WasmBuffer; mark: number }[] = [];
  let bytes = 0;
  for (let i = 0; i < 4000; i++) {
    const draw = (j: number) => uniformAt(key, i, j);
    if (live.length > 0 && draw(0) < 0.48) {
      const [{ buffer, mark }] = live.splice(Math.floor(draw(1) * live.length), 1) as [{ buffer: WasmBuffer; mark: number }];
      assert.ok(
        heap.view(buffer, 0, buffer.length).every((x) => x === mark),
        'a live block keeps what was written',
      );
      heap.free(buffer);
      bytes -= buffer.length * 4;
    } else {
      const length = Math.floor(draw(2) ** 4 * 20_000);
      const buffer = heap.allocate(length, 'i32');
      assert.is(buffer.address % 64, 0);
      assert.ok(buffer.address >= base);
      assert.ok(
        heap.view(buffer, 0, length).every((x) => x === 0),
        'a fresh block is zero',
      );
      heap.view(buffer, 0, length).fill(i);
      live.push({ buffer, mark: i });
      bytes += length * 4;
    }
    assert.is(heap.bytesInUse, bytes);
  }
  for (const { buffer } of live) heap.free(buffer);
  assert.is(heap.bytesInUse, 0);
  const whole = heap.memory.buffer.byteLength;
  heap.allocate((whole - 2048) / 4, 'f32');
  assert.is(heap.memory.buffer.byteLength, whole, 'what was freed is one piece again');
});

test('reuses freed space before it grows', () => {
  const heap = create(64);
  const first = heap.allocate(200_000, 'f32');
  const { byteLength } = heap.memory.buffer;
  for (let i = 0; i < 50; i++) {
    const a = heap.allocate(1000 + i, 'f32');
    heap.free(a);
  }
  heap.free(first);
  const parts = [50_000, 60_000, 80_000].map((length) => heap.allocate(length, 'f32'));
  assert.is(heap.memory.buffer.byteLength, byteLength);
  for (const part of parts) heap.free(part);
});

test('grows a block at the end of memory out of the free space before it', () => {
  const heap = create(64);
  const buffer = heap.allocate(400_000, 'f32');
  heap.view(buffer, 0, 400_000).fill(3);
  heap.free(buffer);
  const larger = heap.allocate(500_000, 'f32');
  assert.ok(heap.view(larger, 0, 500_000).every((x) => x === 0));
  assert.ok(heap.memory.buffer.byteLength < 500_000 * 4 + 2 * pageBytes);
});

test('says the sizes when memory runs out, and stays usable', () => {
  const heap = create(4);
  const kept = heap.allocate(30_000, 'f32');
  assert.throws(
    () => heap.allocate(60_000, 'f32'),
    (error: Error) =>
      error instanceof BackendError &&
      /^wasm: expected room for 60000 elements \(240000 bytes\), got no space: 120000 bytes are in use of at most 262144; use a smaller/.test(error.message),
  );
  assert.is(heap.bytesInUse, 120_000);
  heap.free(kept);
  heap.free(heap.allocate(60_000, 'f32'));
  for (const length of [-1, 1.5, Number.NaN, 2 ** 60])
    assert.throws(
      () => heap.allocate(length, 'f32'),
      (error: Error) => error instanceof BackendError,
    );
});

test('notices use after free, double free and buffers of another memory', () => {
  const heap = create(8);
  const buffer = heap.allocate(5, 'f32');
  heap.free(buffer);
  const freed = (error: Error) => error instanceof BackendError && /expected a live buffer, got one of 5 f32 that was freed; /.test(error.message);
  assert.throws(() => heap.free(buffer), freed);
  assert.throws(() => heap.view(buffer, 0, 5), freed);
  const foreign = create(8).allocate(5, 'f32');
  assert.throws(() => heap.view(foreign, 0, 5), /expected a buffer of this backend, got one of another/);
});

test('arrays of f64 take eight bytes an element, aligned like all others', () => {
  const heap = create(16);
  const [small, wide] = [heap.allocate(1, 'f32'), heap.allocate(5, 'f64')];
  assert.is(wide.address % 64, 0);
  assert.is(heap.bytesInUse, 44);
  const view = heap.view(wide, 1, 3);
  assert.instance(view, Float64Array);
  assert.is(view.byteOffset, wide.address + 8);
  view.set([1 / 3, 2, 3]);
  assert.equal([...heap.view(wide, 0, 5)], [0, 1 / 3, 2, 3, 0]);
  heap.free(wide);
  heap.free(small);
  assert.is(heap.bytesInUse, 0);
});

test.run();
