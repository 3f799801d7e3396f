// valueAndGradients: what it returns, what it refuses, and custom operations through recordOperation.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { BackendError, ShapeError } from '../../src/errors.js';
import * as t from '../../src/tensor/index.js';
import { checkGradients } from '../support/gradient-check.js';

const test = suite('tape');
const backend = createReferenceBackend();
const numbers = async (x: t.Tensor) => [...(await x.data())];

test('an input that the value does not depend on has gradient zero', async () => {
  const [x, y] = [t.tensor(backend, [1, 2]), t.tensor(backend, [[3]])];
  const { gradients } = t.valueAndGradients((a) => t.sum(a), [x, y]);
  assert.equal(await numbers(gradients[0]), [1, 1]);
  assert.equal(gradients[1].shape, [1, 1]);
  assert.equal(await numbers(gradients[1]), [0]);
});

test('the same tensor twice gets the whole gradient twice', async () => {
  const x = t.tensor(backend, [3]);
  const { gradients } = t.valueAndGradients((a, b) => t.sum(t.multiply(a, b)), [x, x]);
  assert.equal(await Promise.all(gradients.map(numbers)), [[6], [6]]);
  gradients[0].dispose();
  assert.equal(await numbers(gradients[1]), [6]);
});

test('the value may be an input itself, or a constant', async () => {
  const x = t.tensor(backend, 3);
  assert.is(await t.valueAndGradients((a) => a, [x]).gradients[0].item(), 1);
  assert.is(await t.valueAndGradients(() => t.full(backend, [], 2), [x]).gradients[0].item(), 0);
});

test('equal maxima share the gradient', async () => {
  const x = t.tensor(backend, [
    [1, 5, 5],
    [2, 0, 2],
  ]);
  const { gradients } = t.valueAndGradients((a) => t.sum(t.max(a, 1)), [x]);
  assert.equal(await numbers(gradients[0]), [0, 0.5, 0.5, 0.5, 0, 0.5]);
  const [a, b] = [t.tensor(backend, [1, 2]), t.tensor(backend, [1, 3])];
  const pair = t.valueAndGradients((p, q) => t.sum(t.maximum(p, q)), [a, b]).gradients;
  assert.equal(await Promise.all(pair.map(numbers)), [
    [0.5, 0],
    [0.5, 1],
  ]);
});

test('values that are not one number are refused', () => {
  const x = t.tensor(backend, [1, 2]);
  assert.throws(
    () => t.valueAndGradients((a) => t.square(a), [x]),
    (error: Error) =>
      error instanceof ShapeError && error.message === 'valueAndGradients: expected fn to return a tensor of one f32 number, got f32 [2]; use sum or mean',
  );
  assert.throws(
    () => t.valueAndGradients((a) => a, [t.tensor(backend, Int32Array.of(1))]),
    (error: Error) => error instanceof ShapeError,
  );
  assert.throws(
    () => t.valueAndGradients((a) => t.sum(a), [x, t.tensor(createReferenceBackend(), [1])]),
    (error: Error) => error instanceof BackendError,
  );
});

/** x³ as an operation of its own, with a reverse made of recorded operations (twice differentiable) or declared otherwise. */
function cube(x: t.Tensor, once: boolean): t.Tensor {
  const y = t.tidy(() => t.multiply(t.square(x), x));
  const result = t.zeros(x.backend, x.shape);
  x.backend.copy(y.buffer, 0, result.buffer, 0, x.size);
  y.dispose();
  t.recordOperation({
    name: 'cube',
    inputs: [x],
    outputs: [result],
    once,
    reverse: ({ inputs, dOutputs }) => [t.multiply(dOutputs[0] as t.Tensor, t.multiply(t.square(inputs[0]), 3))],
  });
  return result;
}

test('a custom operation is differentiable like any other', () =>
  checkGradients('cube', (x) => t.sum(cube(t.tanh(x), true)), [{ shape: [3], data: [0.5, -1, 2] }]));

test('a custom operation may be differentiated twice unless it says once', async () => {
  const gradient = (once: boolean) => (x: t.Tensor) => t.valueAndGradients((y) => t.sum(cube(y, once)), [x]).gradients[0];
  await checkGradients('gradient of cube', (x) => t.sum(gradient(false)(x)), [{ shape: [2], data: [0.5, -1] }]);
  const x = t.tensor(backend, [1, 2]);
  assert.throws(
    () => t.valueAndGradients((y) => t.sum(gradient(true)(y)), [x]),
    (error: Error) =>
      error instanceof BackendError && error.message.startsWith('valueAndGradients: expected operations that can be differentiated twice, got cube'),
  );
});

test('a reverse that returns the wrong shape is refused by name', () => {
  const x = t.tensor(backend, [1, 2]);
  const bad = (a: t.Tensor) => {
    const y = t.zeros(backend, []);
    t.recordOperation({ name: 'bad', inputs: [a], outputs: [y], reverse: ({ dOutputs }) => [dOutputs[0]] });
    return y;
  };
  assert.throws(() => t.valueAndGradients(bad, [x]), /^bad: expected its reverse to return a gradient of shape \[2\] for input 0, got \[\]/);
});

test.run();
