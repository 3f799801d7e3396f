// initial_state_forward: the state every trial starts from
// Math      initial_state[b, s] = parameters[offset + s] (0 when offset < 0) + noise_scale · noise[b, s] on the first N entries
// In        parameters [P]  noise [B, N] (optional, N ≤ S)
// Out       initial_state [B, S]
// Mapping   one unit = one trial b
// Memory    reads S parameters a trial (they stay in cache), writes B S floats
// Limits    offset + S ≤ P; B S < 2^31
// Numerics  one product and one sum in f32
// Twins     src/backends/reference/initial_state_forward.ts
import { at, madd } from './inline/math';

// prettier-ignore
export function initial_state_forward(
  _variant: i32, parameters: usize, noise: usize, y: usize, _p: i32, _b: i32, noiseSize: i32, size: i32, offset: i32, noiseScale: f32, start: i32, end: i32, _thread: i32,
): void {
  const factor = f32x4.splat(noiseScale);
  const noisy: i32 = noise ? min(noiseSize, size) : 0;
  for (let b = start; b < end; b++) {
    const target = at(y, b * size);
    if (offset < 0) memory.fill(target, 0, (<usize>size) << 2);
    else memory.copy(target, at(parameters, offset), (<usize>size) << 2);
    const source = at(noise, b * noiseSize);
    let s: i32 = 0;
    for (; s + 4 <= noisy; s += 4) v128.store(at(target, s), madd(factor, v128.load(at(source, s)), v128.load(at(target, s))));
    for (; s < noisy; s++) v128.store_lane<f32>(at(target, s), madd(factor, v128.load32_splat(at(source, s)), v128.load32_splat(at(target, s))), 0);
  }
}
