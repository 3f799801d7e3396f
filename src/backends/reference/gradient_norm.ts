// gradient_norm: norm[0] = √Σ_p (mask[p] gradient[p])², p ascending; mask absent means 1.
import type { ReferenceCall, Values } from './kernel.js';

export function gradient_norm({ args, dims: { P } }: ReferenceCall): void {
  const { gradient, norm } = args;
  const mask: Values | undefined = args.mask;
  let squares = 0;
  for (let p = 0; p < P; p++) squares += (gradient[p] * (mask ? mask[p] : 1)) ** 2;
  norm[0] = Math.sqrt(squares);
}
