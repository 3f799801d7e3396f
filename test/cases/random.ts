// Cases of random: the numbers of src/random.ts, to the last bit of f32.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';

const make = (variant: string, name: string, trials: readonly number[], C: number, params: Readonly<Record<string, number>> = {}): KernelCase => ({
  kernel: 'random',
  variant,
  name,
  args: { trial: { shape: [trials.length], data: Int32Array.from(trials) }, y: { shape: [trials.length, C] } },
  params: { key0: 0x13198a2e, key1: 0x03707344, ...params },
  tolerance: { atol: 0, rtol: 0, reason: 'the same operations in f64, rounded once' },
  single: { atol: 3e-7, rtol: 6e-7, reason: 'the same words; normals by a formula in f32 (shaders/lib/normal.wgsl), scale and offset rounded' },
});

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

export const cases: readonly KernelCase[] = ['normal', 'uniform'].flatMap((variant) => [
  ...lengthsAround(512).map(({ length, name }) => make(variant, name, [3, 0], length)),
  make(variant, 'trials in any order, large and negative ones', [7, 2, 2_147_483_647, -1, 7], 9),
  make(variant, 'key words above 2^31', [1, 2], 11, { key0: 4_294_967_295, key1: 2_147_483_648 }),
  make(variant, 'scaled and shifted', [5], 33, { scale: 0.15, offset: -2 }),
  make(variant, 'more than one thread’s share', range(40), 101),
  make(variant, 'many draws, tails among them', [11], 70_000),
]);
