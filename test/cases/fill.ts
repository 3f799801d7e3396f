// Cases of fill.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';

const tolerance = { atol: 0, rtol: 0, reason: 'stores one number' };

export const cases: readonly KernelCase[] = [
  ...lengthsAround(4096).map(
    ({ length, name }): KernelCase => ({ kernel: 'fill', name, args: { y: { shape: [length] } }, params: { value: -2.5 }, tolerance }),
  ),
  ...[0, Number.NaN, Number.NEGATIVE_INFINITY, 3e38].map(
    (value): KernelCase => ({ kernel: 'fill', name: `value ${value}`, args: { y: { shape: [6] } }, params: { value }, tolerance }),
  ),
  { kernel: 'fill', name: 'more than one thread’s share', args: { y: { shape: [150_001] } }, params: { value: 7 }, tolerance },
];
