// fill: y = value.
import type { ReferenceCall } from './kernel.js';

export function fill({ args: { y }, dims: { N }, params: { value } }: ReferenceCall): void {
  for (let i = 0; i < N; i++) y[i] = value;
}
