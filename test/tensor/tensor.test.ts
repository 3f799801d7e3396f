// Tensors from and to host data, their life, and the errors of the tensor layer, on every backend.
import fc from 'fast-check';
import ndarray from 'ndarray';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { BackendError, ShapeError } from '../../src/errors.js';
import * as t from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { build, element, indicesOf } from '../support/plain.js';
import { skip } from '../support/skip.js';
import { normals, sizeOf } from '../support/values.js';

const test = suite('tensors');
const { available, missing } = await backendsUnderTest({ webgpu: true });
test.after(() => disposeBackends(available));

/** The error that `fn` throws: its class and message. */
function thrown(fn: () => unknown): { type: unknown; message: string } {
  try {
    fn();
  } catch (error) {
    return { type: (error as Error).constructor, message: (error as Error).message };
  }
  throw new Error('expected an error, got none');
}

for (const { label, backend } of available) {
  const numbers = async (x: t.Tensor) => [...(await x.data())];

  test(`nested arrays, typed arrays and numbers become tensors on ${label}`, async () => {
    const nested = t.tensor(backend, [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(nested.shape, [2, 3]);
    assert.is(nested.dtype, 'f32');
    assert.equal(await numbers(nested), [1, 2, 3, 4, 5, 6]);
    const flat = t.tensor(backend, Float32Array.of(1, 2, 3, 4), [2, 2]);
    assert.equal(flat.shape, [2, 2]);
    const single = t.tensor(backend, 2.5);
    assert.equal(single.shape, []);
    assert.is(await single.item(), 2.5);
    const indices = t.tensor(backend, Int32Array.of(3, -1));
    assert.is(indices.dtype, 'i32');
    assert.equal(await numbers(indices), [3, -1]);
    const empty = t.tensor(backend, []);
    assert.equal(empty.shape, [0]);
    assert.equal(await numbers(empty), []);
    for (const x of [nested, flat, single, indices, empty]) x.dispose();
  });

  test(`zeros, ones and full hold what they say on ${label}`, async () => {
    const all = [t.zeros(backend, [2]), t.ones(backend, [2]), t.full(backend, [2], -0.5)];
    assert.equal(await Promise.all(all.map(numbers)), [
      [0, 0],
      [1, 1],
      [-0.5, -0.5],
    ]);
    for (const x of all) x.dispose();
  });

  test(`an ndarray of any strides comes back as it went in on ${label}`, async () => {
    const base = ndarray(
      Float64Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
    );
    const views = [
      base,
      base.transpose(2, 0, 1),
      base.lo(0, 1, 1).hi(2, 2, 2),
      base.step(1, -1, 2),
      base.pick(null, 1, null),
      ndarray([1, 2, 3], [3]).step(-1),
    ];
    for (const view of views) {
      const x = t.tensor(backend, view);
      const back = await x.ndarray();
      assert.equal(back.shape, view.shape);
      for (const index of indicesOf(view.shape)) assert.is(back.get(...index), view.get(...index));
      x.dispose();
    }
  });

  test(`broadcasting agrees with plain loops for random shapes on ${label}`, async () => {
    const axes = fc.array(fc.record({ length: fc.integer({ min: 1, max: 4 }), a: fc.boolean(), b: fc.boolean() }), { minLength: 0, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(axes, fc.nat(4), async (list, dropped) => {
        const shapeOf = (side: 'a' | 'b') => list.map((axis) => (axis[side] ? axis.length : 1));
        const a = shapeOf('a').slice(Math.min(dropped, list.length)); // leading axes may be missing
        const b = shapeOf('b');
        const shape = b.map((length, axis) => Math.max(length, a[axis - (b.length - a.length)] ?? 1));
        const [x, y] = [normals(sizeOf(a), 1), normals(sizeOf(b), 2)];
        const result = t.tidy(() => t.subtract(t.tensor(backend, x, a), t.tensor(backend, y, b)));
        assert.equal(result.shape, shape);
        const expected = build(shape, (index) => element({ shape: a, data: x }, index) - element({ shape: b, data: y }, index));
        assertClose(await result.data(), expected, { case: `subtract [${a}] and [${b}]`, backend: label, atol: 1e-6 });
        result.dispose();
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test(`slice, pad and transpose undo each other for random shapes on ${label}`, async () => {
    const axis = fc.record({ length: fc.integer({ min: 1, max: 5 }), before: fc.nat(2), after: fc.nat(2) });
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 4 }), async (list) => {
        const shape = list.map(({ length }) => length);
        const data = normals(sizeOf(shape), 3);
        const result = t.tidy(() => {
          const padded = t.pad(t.transpose(t.tensor(backend, data, shape)), list.map(({ before, after }) => [before, after] as const).reverse());
          return t.transpose(t.slice(padded, list.map(({ before, length }) => [before, before + length] as const).reverse()));
        });
        assert.equal(result.shape, shape);
        assertClose(await result.data(), data, { case: 'pad and slice', backend: label });
        result.dispose();
      }),
      { seed: 5, numRuns: 40 },
    );
  });

  test(`a reshaped tensor keeps the memory until both are disposed on ${label}`, async () => {
    const before = backend.bytesInUse();
    const x = t.tensor(backend, [1, 2, 3, 4]);
    const y = t.reshape(x, [2, 2]);
    x.dispose();
    x.dispose();
    assert.equal(await numbers(y), [1, 2, 3, 4]);
    y.dispose();
    assert.is(backend.bytesInUse(), before);
  });
}

const backend = createReferenceBackend();
const x = t.tensor(backend, [
  [1, 2, 3],
  [4, 5, 6],
]);

test('a disposed tensor is refused, with what to do', () => {
  const gone = t.tensor(backend, [1, 2]);
  gone.dispose();
  const error = thrown(() => t.square(gone));
  assert.is(error.type, BackendError);
  assert.is(error.message, 'Tensor [2]: expected a tensor in use, got one that was disposed; return it from its tidy, or keep() it, to use it later');
  assert.is(thrown(() => gone.data()).type, BackendError);
});

test('a tensor on a backend that was disposed is refused, but may still be disposed', async () => {
  const other = createReferenceBackend();
  const y = t.tensor(other, [1, 2]);
  await other.dispose();
  await other.dispose();
  assert.is(thrown(() => t.square(y)).type, BackendError);
  y.dispose();
  assert.ok(y.disposed);
});

const refused: readonly (readonly [string, typeof ShapeError | typeof BackendError, () => unknown, string])[] = [
  [
    'shapes that do not broadcast',
    ShapeError,
    () => t.add(x, t.tensor(backend, [1, 2])),
    'add: expected shapes that broadcast (aligned at the last axis, equal or 1), got [2, 3] and [2]',
  ],
  ['an axis outside the rank', ShapeError, () => t.sum(x, 2), 'sum: expected an axis between -2 and 1, got 2'],
  ['an axis named twice', ShapeError, () => t.sum(x, [0, -2]), 'sum: expected different axes, got [0, 0]'],
  ['inner sizes that differ', ShapeError, () => t.matmul(x, x), 'matmul: expected equal inner sizes, got [2, 3] · [2, 3]'],
  [
    'a vector in matmul',
    ShapeError,
    () => t.matmul(x, t.tensor(backend, [1, 2, 3])),
    'matmul: expected at least two axes each, got [2, 3] and [3]; reshape vectors to [1, K] or [K, 1]',
  ],
  ['a reshape to another size', ShapeError, () => t.reshape(x, [4, -1]), 'reshape: expected a shape of 6 elements for [2, 3], got [4, -1]'],
  ['an index outside the axis', ShapeError, () => t.gather(x, [0, 2]), 'gather: expected indices between 0 and 1, got 2'],
  [
    'f32 indices',
    ShapeError,
    () => t.gather(x, t.tensor(backend, [0, 1])),
    "gather: expected indices of dtype i32, got f32; make them with tensor(backend, indices, shape, 'i32')",
  ],
  [
    'an i32 operand',
    ShapeError,
    () => t.add(t.tensor(backend, Int32Array.of(1)), 1),
    'add: expected operands of dtype f32, got i32 [1]; i32 tensors are for indices only',
  ],
  [
    'tensors of two backends',
    BackendError,
    () => t.add(x, t.tensor(createReferenceBackend(), [1])),
    'add: expected operands on one backend, got reference and reference; copy one with tensor(backend, await other.ndarray())',
  ],
  ['only numbers', BackendError, () => t.add(1, 2), 'add: expected at least one tensor, got only numbers; make one with tensor(backend, value)'],
  [
    'a slice outside the axis',
    ShapeError,
    () => t.slice(x, [[0, 3]]),
    'slice: expected positions inside 2 elements and a step other than 0 on axis 0, got [0, 3, 1]',
  ],
  ['an element outside the axis', ShapeError, () => t.slice(x, [2]), 'slice: expected an index between -2 and 1 on axis 0, got 2'],
  ['too many ranges', ShapeError, () => t.slice(x, [null, null, null]), 'slice: expected at most 2 ranges for [2, 3], got 3'],
  [
    'shapes that cannot be concatenated',
    ShapeError,
    () => t.concat([x, t.ones(backend, [2, 2])]),
    'concat: expected shapes equal but for axis 0, got [2, 3] and [2, 2]',
  ],
  ['stacked shapes that differ', ShapeError, () => t.stack([x, t.ones(backend, [2, 2])]), 'stack: expected tensors of one shape, got [2, 3] and [2, 2]'],
  ['wrong pad widths', ShapeError, () => t.pad(x, [[1, 0]]), 'pad: expected 2 pairs of whole numbers for [2, 3], got [[1,0]]'],
  ['an order that repeats an axis', ShapeError, () => t.transpose(x, [0, 0]), 'transpose: expected every axis of [2, 3] once, got [0, 0]'],
  [
    'ragged rows',
    ShapeError,
    () => t.tensor(backend, [[1, 2], [3]]),
    'tensor: expected nested rows of equal length, shape [2, 2] by the first of each, got a row of another length or depth',
  ],
  ['a shape of another size', ShapeError, () => t.tensor(backend, [1, 2, 3], [2, 2]), 'tensor: expected 4 numbers for shape [2, 2], got 3'],
  [
    'an ndarray of big integers',
    ShapeError,
    () => t.tensor(backend, ndarray(BigInt64Array.of(1n)) as unknown as t.TensorSource),
    'tensor: expected an ndarray of numbers, got dtype bigint64; convert it first',
  ],
  ['a negative length', ShapeError, () => t.zeros(backend, [2, -1]), 'zeros: expected a shape of whole numbers, got [2, -1]'],
  ['fractions as i32', ShapeError, () => t.tensor(backend, [1, 1.5], undefined, 'i32'), 'tensor: expected whole numbers for dtype i32, got 1.5 at 1'],
  ['nothing to compare', ShapeError, () => t.max(t.zeros(backend, [0])), 'max: expected at least one element to compare, got shape [0]'],
  ['nothing to average', ShapeError, () => t.mean(t.zeros(backend, [2, 0]), 1), 'mean: expected at least one element to average, got shape [2, 0]'],
  ['a negative seed', ShapeError, () => t.randomNormal(backend, [2], { seed: -1 }), 'randomNormal: expected a seed between 0 and 2^53 − 1, got -1'],
  [
    'five axes that cannot be merged',
    ShapeError,
    () => t.add(t.ones(backend, [2, 1, 2, 1, 2]), t.ones(backend, [1, 2, 1, 2, 1])),
    'add: expected at most four axes that cannot be merged, got 5 in shape [2, 2, 2, 2, 2]; reshape to fewer axes or split the operation',
  ],
];
for (const [name, type, fn, message] of refused) {
  test(`${name}: refused in the house format`, () => {
    const error = thrown(fn);
    assert.is(error.message, message);
    assert.is(error.type, type);
  });
}

test('more memory than there is: refused with the size', () => {
  const error = thrown(() => t.zeros(backend, [2 ** 20, 2 ** 20]));
  assert.is(error.type, BackendError);
  assert.match(error.message, /^reference\.allocate: expected room for 8796093022208 bytes/);
});

for (const { label, reason } of missing) skip(test, `tensors on ${label}`, reason);

test.run();
