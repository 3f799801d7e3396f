// gradient_norm: Euclidean norm of the gradient, for clipping
// Math      norm[0] = √Σ_p (mask[p] gradient[p])²
// In        gradient [P]  mask [P] (absent = 1)
// Out       norm [E], its first element
// Mapping   up to 16384 elements: one workgroup of 256, whose invocations share them out, then halve their number step by step. More: gradient_norm_pieces
//           does so for each of `pieces` stretches, gradient_norm for what they leave
// Memory    reads P (with a mask 2 P) floats once; workgroup: 4 KiB; workspace: 16 bytes a piece
// Limits    P < 2^32
// Numerics  squares in f32 by lib/norm.wgsl, at most P / 65536 + 80 roundings deep; overflows only where the norm does; ∞ and NaN as among the elements
// Twins     src/backends/reference/gradient_norm.ts, assembly/gradient_norm.ts
//@use norm

var<workgroup> results: array<vec4f, 256>;

fn masked(i: u32) -> f32 {
  if (has_mask) { return get_gradient(i) * get_mask(i); }
  return get_gradient(i);
}

/// The sums of all invocations, in results[0].
fn halve(local: u32, sums: vec4f) {
  results[local] = sums;
  workgroupBarrier();
  for (var width = 128u; width > 0u; width >>= 1u) {
    if (local < width) { results[local] = squares_together(results[local], results[local + width]); }
    workgroupBarrier();
  }
}

@compute @workgroup_size(256)
fn gradient_norm_pieces(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let piece = workgroup.x;
  let length = (p.P + p.pieces - 1u) / p.pieces;
  let end = min(p.P, (piece + 1u) * length);
  var sums = vec4f(0.0);
  for (var i = piece * length + local; i < end; i += 256u) { sums = squares_with(sums, masked(i)); }
  halve(local, sums);
  if (local == 0u) { workspace[piece] = results[0]; }
}

@compute @workgroup_size(256)
fn gradient_norm(@builtin(local_invocation_index) local: u32) {
  var sums = vec4f(0.0);
  if (p.pieces > 1u) {
    for (var i = local; i < p.pieces; i += 256u) { sums = squares_together(sums, workspace[i]); }
  } else {
    for (var i = local; i < p.P; i += 256u) { sums = squares_with(sums, masked(i)); }
  }
  halve(local, sums);
  if (local == 0u) { set_norm(0u, norm_of(results[0])); }
}
