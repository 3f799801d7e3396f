// random: y[b, j] = offset + scale · draw keyed (key0, key1) at counter (trial[b], j)
// Math      Threefry-2x32-20 words 2c and 2c + 1 of a trial from counter c; the upper 24 bits are a uniform, or a normal by the inverse CDF
// In        trial [B] (i32)
// Out       y [B, C]
// Mapping   one invocation = two neighbouring draws of a trial, workgroups of 256
// Memory    writes B C floats
// Limits    B C < 2^32
// Numerics  the words are those of src/random.ts; uniforms exact before scale and offset, normals within 6e-7 of their size (lib/normal.wgsl)
// Twins     src/backends/reference/random.ts, assembly/random.ts
//@use threefry
//@use normal

fn drawn(word: u32) -> f32 {
  var draw = 0.0;
  if (VARIANT == 0u) { draw = normal_draw(word); } else { draw = uniform_draw(word); }
  return p.offset + p.scale * draw;
}

@compute @workgroup_size(256)
fn random(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let unit = unit_of(workgroup) * 256u + local;
  let blocks = (p.C + 1u) / 2u;
  let b = unit / blocks;
  if (b >= p.B) { return; }
  let block = unit % blocks;
  let words = threefry(vec2u(bitcast<u32>(p.key0), bitcast<u32>(p.key1)), vec2u(bitcast<u32>(get_trial(b)), block));
  let i = b * p.C + 2u * block;
  set_y(i, drawn(words.x));
  if (2u * block + 1u < p.C) { set_y(i + 1u, drawn(words.y)); }
}
