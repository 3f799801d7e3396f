// Threefry against the published known answers, and the streams built on it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deriveKey, fillNormal, fillUniform, inverseNormalCdf, normalAt, permutation, randomKey, threefry, uniformAt } from '../src/random.js';

test('Threefry-2x32-20 gives the known answers of Random123', () => {
  assert.equal(threefry([0, 0], 0, 0), [0x6b200159, 0x99ba4efe]);
  assert.equal(threefry([0xffffffff, 0xffffffff], 0xffffffff, 0xffffffff), [0x1cb996fc, 0xbb002be7]);
  assert.equal(threefry([0x13198a2e, 0x03707344], 0x243f6a88, 0x85a308d3), [0xc4923a9c, 0x483df7a0]);
});

test('filling gives draws 0, 1, 2, …, for odd lengths too', () => {
  const key = randomKey(11, 'data');
  const [uniform, normal] = [new Float64Array(7), new Float64Array(7)];
  fillUniform(uniform, key, 3);
  fillNormal(normal, key, 3);
  for (let i = 0; i < 7; i++) {
    assert.is(uniform[i], uniformAt(key, 3, i));
    assert.is(normal[i], normalAt(key, 3, i));
    assert.is(normal[i], inverseNormalCdf((uniform[i] as number) + 2 ** -25));
  }
});

test('seeds, purposes, epochs and derived keys select different streams', () => {
  const keys = [
    randomKey(0, 'data'),
    randomKey(1, 'data'),
    randomKey(2 ** 32, 'data'),
    randomKey(0, 'split'),
    randomKey(0, 'data', 1),
    deriveKey(randomKey(0, 'data'), 'noise'),
    deriveKey(randomKey(0, 'data'), 'pulses'),
  ];
  assert.is(new Set(keys.map((key) => key.join())).size, keys.length);
});

test('uniforms and normals have the moments of their distributions', () => {
  const count = 200_000;
  const [uniform, normal] = [new Float64Array(count), new Float64Array(count)];
  fillUniform(uniform, randomKey(0, 'a'), 0);
  fillNormal(normal, randomKey(0, 'b'), 0);
  const mean = (values: Float64Array, power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;
  // four standard errors each
  assert.ok(Math.abs(mean(uniform, 1) - 0.5) < 4 * Math.sqrt(1 / 12 / count));
  assert.ok(Math.abs(mean(normal, 1)) < 4 / Math.sqrt(count));
  assert.ok(Math.abs(mean(normal, 2) - 1) < 4 * Math.sqrt(2 / count));
  assert.ok(Math.abs(mean(normal, 4) - 3) < 4 * Math.sqrt(96 / count));
  assert.ok(uniform.every((value) => value >= 0 && value < 1));
});

test('the inverse normal CDF meets known quantiles', () => {
  for (const [p, value] of [
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.001, -3.090232306167813],
    [2 ** -25, -5.42],
  ] as const)
    assert.ok(Math.abs(inverseNormalCdf(p) - value) < (p < 1e-6 ? 0.01 : 4e-9), `${p}: ${inverseNormalCdf(p)}`);
});

test('a permutation holds every index once', () => {
  const order = permutation(1000, randomKey(4, 'split'));
  assert.equal(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.equal(permutation(0, randomKey(4, 'split')).length, 0);
});

test.run();
