// random: y[b, j] = offset + scale · draw, keyed (key0, key1) at counter (trial[b], j): Threefry-2x32-20, exactly the numbers of src/random.ts.
import { normalAt, type RandomKey, uniformAt } from '../../random.js';
import type { ReferenceCall } from './kernel.js';

export function random({ variant, args: { trial, y }, dims: { B, C }, params: { key0, key1, scale, offset } }: ReferenceCall): void {
  const key: RandomKey = [key0, key1];
  const draw = variant === 'normal' ? normalAt : uniformAt;
  for (let b = 0; b < B; b++) {
    for (let j = 0; j < C; j++) y[b * C + j] = offset + scale * draw(key, trial[b], j);
  }
}
