// random: y[b, j] = offset + scale · draw, keyed (key0, key1) at counter (trial[b], j): the numbers of src/random.ts, made on the host, as gpu.js has no whole words.
import { normalAt, type RandomKey, uniformAt } from '../../random.js';
import type { GpujsCall } from './kernel.js';

export function random({ variant, args: { trial, y }, dims: { B, C }, params: { key0, key1, scale, offset } }: GpujsCall): void {
  const key: RandomKey = [key0, key1];
  const draw = variant === 'normal' ? normalAt : uniformAt;
  const trials = trial.data;
  const values = y.length === B * C ? new Float32Array(B * C) : (y.data as Float32Array).slice();
  for (let b = 0; b < B; b++) {
    for (let j = 0; j < C; j++) values[b * C + j] = offset + scale * draw(key, trials[b] as number, j);
  }
  y.setHost(values);
}
