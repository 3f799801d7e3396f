// initial_state_forward: initial_state[b] = parameters[offset … offset + S) + noise_scale · noise[b] on the first N entries; offset < 0 means zeros.
import type { GpujsArray } from './array.js';
import { type GpujsCall, places } from './kernel.js';
import type { LaunchNumbers } from './launcher.js';

export function initial_state_forward({ args, dims: { N, B, S }, params: { offset, noise_scale }, launcher }: GpujsCall): void {
  const { parameters, initial_state } = args;
  const noise: GpujsArray | undefined = args.noise;
  const start = offset < 0 ? '0.0' : 'parameters[offset + s]';
  const body = `${places(['b', 's'], [S])}
    let value = ${start};
    ${noise && N > 0 ? `if (s < ${N}) { value += noise_scale * noise[b * ${N} + s]; }` : ''}
    return value;`;
  const values = { ...(offset < 0 ? {} : { parameters: parameters.value }), ...(noise && N > 0 ? { noise: noise.value } : {}) };
  const numbers: LaunchNumbers = { ints: offset < 0 ? {} : { offset }, floats: noise && N > 0 ? { noise_scale } : {} };
  initial_state.setDevice(launcher.run(body, B * S, values, numbers));
}
