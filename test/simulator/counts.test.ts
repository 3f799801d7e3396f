import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exponential, naturalLog } from '../../src/math.js';
import { binomialCount, negativeBinomialCount, poissonCount } from '../../src/simulator/counts.js';

/** Mean and variance of a count over evenly spread uniforms: its distribution's, but for the width of a cell. */
function momentsOf(draw: (uniform: number) => number, cells = 40_000): { mean: number; variance: number } {
  const values = Array.from({ length: cells }, (_, i) => draw((i + 0.5) / cells));
  const mean = values.reduce((sum, value) => sum + value, 0) / cells;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cells };
}

function near(actual: number, expected: number, share: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= share * expected, `${what}: ${actual}, expected ${expected} ± ${share * 100} %`);
}

test('Poisson counts have mean and variance of their rate, below and above where counting from zero ends', () => {
  for (const rate of [0.01, 1.13, 15.99, 16, 40, 5000]) {
    const { mean, variance } = momentsOf((uniform) => poissonCount(rate, uniform));
    near(mean, rate, 2e-3, `mean at ${rate}`);
    near(variance, rate, 6e-3, `variance at ${rate}`);
  }
  assert.is(poissonCount(0, 0.999999), 0);
});

test('a Poisson count is k exactly where the uniform lies between the sums of the probabilities below and up to k', () => {
  for (const rate of [0.5, 3, 12]) {
    let [sum, mass] = [0, Math.exp(-rate)];
    for (let k = 0; k < 8; k++) {
      assert.is(poissonCount(rate, sum + 1e-12), k, `${rate}: just above the sum below ${k}`);
      sum += mass;
      assert.is(poissonCount(rate, sum - 1e-12), k, `${rate}: just below the sum up to ${k}`);
      mass *= rate / (k + 1);
    }
  }
});

test('large counts fall to the mode first, with the probability of log-gamma arithmetic', () => {
  // ln 100! = 363.7393755555635
  const mode = Math.exp(100 * Math.log(100) - 100 - 363.7393755555635);
  assert.is(poissonCount(100, mode * (1 - 1e-10)), 100);
  assert.is(poissonCount(100, mode * (1 + 1e-10)), 101);
  // C(60, 20) 0.3^20 0.7^40 / …: the mode of binomial(60, 1/3) is 20
  const binomial = 4191844505805495 * (1 / 3) ** 20 * (2 / 3) ** 40;
  assert.is(binomialCount(60, 1 / 3, binomial * (1 - 1e-10)), 20);
  assert.is(binomialCount(60, 1 / 3, binomial * (1 + 1e-10)), 21);
});

test('negative binomial counts have their rate as mean and D times it as variance', () => {
  for (const dispersion of [1.05, 2, 8])
    for (const rate of [0.1, 1, 20, 900]) {
      const { mean, variance } = momentsOf((uniform) => negativeBinomialCount(rate, dispersion, uniform));
      near(mean, rate, 6e-3, `mean at ${rate}, D ${dispersion}`);
      near(variance, dispersion * rate, 4e-2, `variance at ${rate}, D ${dispersion}`);
    }
});

test('binomial counts have mean n p, variance n p q, and never leave 0 … n', () => {
  for (const p of [0.02, 0.5, 0.98])
    for (const trials of [0, 1, 7, 300, 20_000]) {
      const { mean, variance } = momentsOf((uniform) => binomialCount(trials, p, uniform));
      near(mean, trials * p, 3e-3, `mean of ${trials}, ${p}`);
      near(variance, trials * p * (1 - p), 1e-2, `variance of ${trials}, ${p}`);
      for (const uniform of [2 ** -53, 1 - 2 ** -53]) {
        const count = binomialCount(trials, p, uniform);
        assert.ok(count >= 0 && count <= trials, `${count} of ${trials}`);
      }
    }
});

test('exp and log are good to their last bits and have the right ends', () => {
  for (let x = -700; x < 700; x += 0.7331) {
    assert.ok(Math.abs(exponential(x) / Math.exp(x) - 1) < 5e-16, `exp(${x})`);
    assert.ok(Math.abs(naturalLog(Math.exp(x)) - x) < 1e-15 * Math.max(1, Math.abs(x)), `log of exp(${x})`);
  }
  assert.equal([exponential(0), exponential(-800), exponential(710), naturalLog(1)], [1, 0, Number.POSITIVE_INFINITY, 0]);
});

test.run();
