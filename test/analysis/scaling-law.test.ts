// Laws of scaling: exact ones are found, with their numbers; where a law breaks, the stretch that it holds for is named.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitScalingLaw, lawAt } from '../../src/analysis/scaling-law.js';

const ns = [8, 16, 32, 64, 128, 256];

test('a + b n, c n^p and a + b / n are found with their numbers', () => {
  const affine = fitScalingLaw(
    ns,
    ns.map((n) => 3 + 0.5 * n),
  );
  assert.is(affine?.kind, 'affine');
  assert.ok(Math.abs((affine?.first ?? 0) - 3) < 1e-9 && Math.abs((affine?.second ?? 0) - 0.5) < 1e-9);
  assert.equal(affine?.range, [0, 6]);
  const power = fitScalingLaw(
    ns,
    ns.map((n) => 0.1 * n ** 1.7),
  );
  assert.is(power?.kind, 'power');
  assert.ok(Math.abs((power?.second ?? 0) - 1.7) < 1e-9);
  const threads = fitScalingLaw([1, 2, 4, 8], [11, 6, 3.5, 2.25], true);
  assert.ok(Math.abs((threads?.first ?? 0) - 1) < 1e-9 && Math.abs((threads?.second ?? 0) - 10) < 1e-9);
  assert.ok(Math.abs(lawAt(threads as NonNullable<typeof threads>, 8, true) - 2.25) < 1e-9);
});

test('a law that breaks holds for the longest stretch, within ten percent', () => {
  const bent = fitScalingLaw(
    ns,
    ns.map((n) => (n <= 64 ? 2 + n : 4 * n)),
  );
  assert.equal(bent?.range, [0, 4]);
  assert.ok((bent?.error ?? 1) < 0.1);
  // small noise is no break
  assert.equal(
    fitScalingLaw(
      ns,
      ns.map((n, i) => n * (1 + 0.03 * (-1) ** i)),
    )?.range,
    [0, 6],
  );
});

test('two points have no law, and points that follow none are fitted all the same, with their error', () => {
  assert.is(fitScalingLaw([1, 2], [1, 2]), null);
  const none = fitScalingLaw([1, 2, 3], [1, 100, 1]);
  assert.ok((none?.error ?? 0) > 0.1);
  assert.ok(none !== null && none.second >= 0 && none.first >= 0);
});

test.run();
