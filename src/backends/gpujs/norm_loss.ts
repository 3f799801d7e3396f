// norm_loss: trial_loss[b] += scale · n with n = ‖states[b, :, 0 … size)‖₂; d_states += scale · states / n, nothing where n = 0.
import type { GpujsArray } from './array.js';
import { type GpujsCall, places } from './kernel.js';

export function norm_loss({ args, dims: { B, T, S }, params: { scale, size }, launcher }: GpujsCall): void {
  const { states, trial_loss } = args;
  const d_states: GpujsArray | undefined = args.d_states;
  const norms = launcher.run(
    `let squares = 0.0;
    for (let t = 0; t < ${T}; t++) {
      let part = 0.0;
      for (let s = 0; s < ${size}; s++) { const value = states[(i * ${T} + t) * ${S} + s]; part += value * value; }
      squares += part;
    }
    return Math.sqrt(squares);`,
    B,
    { states: states.value },
  );
  if (d_states) {
    const body = `${places(['b', 't', 's'], [T, S])}
      const norm = norms[b];
      if (s >= ${size} || norm == 0.0) { return d_states[i]; }
      return d_states[i] + scale * states[i] / norm;`;
    d_states.setDevice(launcher.run(body, B * T * S, { norms, states: states.value, d_states: d_states.value }, { floats: { scale } }));
  }
  trial_loss.setDevice(launcher.run('return trial_loss[i] + scale * norms[i];', B, { norms, trial_loss: trial_loss.value }, { floats: { scale } }));
  launcher.release(norms);
}
