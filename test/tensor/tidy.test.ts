// Memory discipline: tidy, keep, and no byte left over after gradients, on every backend.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { BackendError } from '../../src/errors.js';
import * as t from '../../src/tensor/index.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';
import { normals } from '../support/values.js';

const test = suite('tidy');
const { available, missing } = await backendsUnderTest({ webgpu: true });
test.after(() => disposeBackends(available));

for (const { label, backend } of available) {
  test(`tidy frees all but its result, to any depth, on ${label}`, async () => {
    const before = backend.bytesInUse();
    const result = t.tidy(() => {
      const x = t.tensor(backend, [1, 2, 3]);
      const inner = t.tidy(() => {
        const squares = t.square(x);
        return { total: t.sum(squares), list: [t.add(squares, 1)] };
      });
      return { ...inner, note: 'kept as it is', nothing: null };
    });
    assert.is(await result.total.item(), 14);
    assert.equal([...(await result.list[0].data())], [2, 5, 10]);
    result.total.dispose();
    result.list[0].dispose();
    assert.is(backend.bytesInUse(), before);
  });

  test(`twenty gradient steps end with the bytes they began with on ${label}`, async () => {
    let weights = t.tensor(backend, normals(12, 1), [3, 4]);
    const inputs = t.tensor(backend, normals(15, 2), [5, 3]);
    const before = backend.bytesInUse();
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const [loss, next] = t.tidy(() => {
        const { value, gradients } = t.valueAndGradients((w) => t.mean(t.square(t.subtract(t.tanh(t.matmul(inputs, w)), 0.25))), [weights]);
        return [value, t.subtract(weights, t.multiply(gradients[0], 0.5))];
      });
      weights.dispose();
      weights = next;
      losses.push(await loss.item());
      loss.dispose();
      assert.is(backend.bytesInUse(), before, `bytes in use after step ${step}`);
    }
    assert.ok(losses[19] < losses[0] / 2, `expected the loss to fall, got ${losses[0]} → ${losses[19]}`);
    weights.dispose();
    inputs.dispose();
  });

  test(`a failing function leaves nothing behind on ${label}`, () => {
    const before = backend.bytesInUse();
    assert.throws(() => t.tidy(() => t.add(t.ones(backend, [2]), t.ones(backend, [3]))), /broadcast/);
    const x = t.ones(backend, [2]);
    assert.throws(() => t.valueAndGradients((y) => t.square(t.square(y)), [x]), /one f32 number/);
    x.dispose();
    assert.is(backend.bytesInUse(), before);
  });
}

const backend = createReferenceBackend();

test('intermediates may be disposed or tidied away before the gradient is taken', async () => {
  const x = t.tensor(backend, [1, 2]);
  const { value, gradients } = t.valueAndGradients(
    (y) => {
      const cubes = t.tidy(() => t.multiply(y, t.square(y)));
      const total = t.sum(cubes);
      cubes.dispose();
      return total;
    },
    [x],
  );
  assert.is(await value.item(), 9);
  assert.equal([...(await gradients[0].data())], [3, 12]);
  for (const tensor of [x, value, ...gradients]) tensor.dispose();
  assert.is(backend.bytesInUse(), 0);
});

test('keep takes a tensor out of its tidy', async () => {
  let kept: t.Tensor | null = null;
  t.tidy(() =>
    t.tidy(() => {
      kept = t.keep(t.tensor(backend, [7]));
    }),
  );
  assert.is(await (kept as unknown as t.Tensor).item(), 7);
  (kept as unknown as t.Tensor).dispose();
  assert.is(backend.bytesInUse(), 0);
});

test('a function that returns a promise is refused', () => {
  assert.throws(
    () => t.tidy(async () => 1),
    (error: Error) => error instanceof BackendError && error.message.startsWith('tidy: expected a function that returns at once'),
  );
});

for (const { label, reason } of missing) skip(test, `tidy on ${label}`, reason);

test.run();
