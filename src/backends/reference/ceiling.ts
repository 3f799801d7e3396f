// ceiling: y[n] = 4 Σ_{i < 12} a_i after `iterations` steps a_i ← ½ a_i + 1 from a_i = i.
import type { ReferenceCall } from './kernel.js';

export function ceiling({ args: { y }, dims: { N }, params: { iterations } }: ReferenceCall): void {
  let total = 0;
  for (let i = 0; i < 12; i++) {
    let a = i;
    for (let k = 0; k < iterations; k++) a = 0.5 * a + 1;
    total += 4 * a;
  }
  for (let n = 0; n < N; n++) y[n] = total;
}
