// Operations over random shapes, axes and indices against plain loops, and their gradients against each other's reverses, on every backend.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as t from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { along, build, element } from '../support/plain.js';
import { skip } from '../support/skip.js';
import { normals, sizeOf } from '../support/values.js';

const test = suite('tensor properties');
const { available, missing } = await backendsUnderTest({ webgpu: true });
test.after(() => disposeBackends(available));

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
/** A shape and, for each of its axes, a coin. */
const shapeAndCoins = shapes.chain((shape) =>
  fc.record({ shape: fc.constant(shape), coins: fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }) }),
);
const settings = { seed: 11, numRuns: 40 };
const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);

for (const { label, backend } of available) {
  const bound = { backend: label, atol: 1e-5, rtol: 1e-5 };

  test(`sum, mean, max and min over any axes agree with plain loops on ${label}`, async () => {
    await fc.assert(
      fc.asyncProperty(shapeAndCoins, fc.boolean(), async ({ shape, coins }, keepAxes) => {
        const axes = shape.map((_, axis) => axis).filter((axis) => coins[axis]);
        const kept = shape.filter((_, axis) => !coins[axis]);
        const x = { shape, data: normals(sizeOf(shape), 1) };
        const plain: Record<string, (values: number[]) => number> = {
          sum: total,
          mean: (v) => total(v) / v.length,
          max: (v) => Math.max(...v),
          min: (v) => Math.min(...v),
        };
        for (const [name, run] of Object.entries({ sum: t.sum, mean: t.mean, max: t.max, min: t.min })) {
          const y = t.tidy(() => run(t.tensor(backend, x.data, shape), axes, { keepAxes }));
          assert.equal(y.shape, keepAxes ? shape.map((length, axis) => (coins[axis] ? 1 : length)) : kept);
          assertClose(
            await y.data(),
            build(kept, (index) => plain[name](along(x, axes, index))),
            { case: `${name} of [${shape}] over [${axes}]`, ...bound },
          );
          y.dispose();
        }
      }),
      settings,
    );
  });

  test(`transpose by any order agrees with plain loops on ${label}`, async () => {
    const shapeAndOrder = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        order: fc.shuffledSubarray(
          shape.map((_, axis) => axis),
          { minLength: shape.length },
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(shapeAndOrder, async ({ shape, order }) => {
        const x = { shape, data: normals(sizeOf(shape), 1) };
        const y = t.tidy(() => t.transpose(t.tensor(backend, x.data, shape), order));
        const source = (index: number[]) => shape.map((_, axis) => index[order.indexOf(axis)]);
        assertClose(
          await y.data(),
          build(y.shape, (index) => element(x, source(index))),
          { case: `transpose of [${shape}] by [${order}]`, backend: label },
        );
        y.dispose();
      }),
      settings,
    );
  });

  test(`gather and concat agree with plain loops on ${label}`, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(4), fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), async (shape, axisSeed, picks) => {
        const axis = axisSeed % shape.length;
        const indices = picks.map((pick) => pick % shape[axis]);
        const x = { shape, data: normals(sizeOf(shape), 1) };
        const [gathered, joined] = t.tidy(() => {
          const source = t.tensor(backend, x.data, shape);
          const parts = indices.map((index) => t.slice(source, [...shape.slice(0, axis).map(() => null), [index, index + 1]]));
          return [t.gather(source, indices, axis), t.concat(parts, axis)];
        });
        const expected = build(gathered.shape, (index) =>
          element(
            x,
            index.map((position, k) => (k === axis ? indices[position] : position)),
          ),
        );
        assertClose(await gathered.data(), expected, { case: `gather [${indices}] of [${shape}] along ${axis}`, backend: label });
        assertClose(await joined.data(), expected, { case: `concat of slices [${indices}] of [${shape}] along ${axis}`, backend: label });
        gathered.dispose();
        joined.dispose();
      }),
      settings,
    );
  });

  test(`the gradient of a sum of products is the other factor, for any broadcasting on ${label}`, async () => {
    await fc.assert(
      fc.asyncProperty(shapeAndCoins, async ({ shape, coins }) => {
        fc.pre(shape.length <= 4);
        const a = shape.map((length, axis) => (coins[axis] ? 1 : length));
        const [x, y] = [normals(sizeOf(a), 1), normals(sizeOf(shape), 2)];
        const gradient = t.tidy(() => t.valueAndGradients((p) => t.sum(t.multiply(p, t.tensor(backend, y, shape))), [t.tensor(backend, x, a)]).gradients[0]);
        const axes = shape.map((_, axis) => axis).filter((axis) => coins[axis]);
        const expected = build(
          shape.filter((_, axis) => !coins[axis]),
          (index) => total(along({ shape, data: y }, axes, index)),
        );
        assertClose(await gradient.data(), expected, { case: `gradient for [${a}] broadcast to [${shape}]`, ...bound });
        gradient.dispose();
      }),
      settings,
    );
  });

  test(`no bytes are left over on ${label}`, () => assert.is(backend.bytesInUse(), 0));
}

for (const { label, reason } of missing) skip(test, `tensor properties on ${label}`, reason);

test.run();
