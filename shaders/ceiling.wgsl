// ceiling: a multiply-add loop that stays in registers: the arithmetic speed that benchmarks compare with
// Math      y[n] = 4 Σ_{i < 12} a_i after `iterations` steps a_i ← ½ a_i + 1 from a_i = i
// In        (none)
// Out       y [N]
// Mapping   one invocation = one element of y: 12 independent accumulators of four; workgroups of 256. Thousands of workgroups fill a GPU
// Memory    none
// Limits    iterations < 2^31
// Numerics  exact up to rounding of the last bit. The accumulators start from numbers that differ between invocations by 0 · their index (`zero` is 0, which
//           compilers do not know), so that the loop is neither shared by a wave nor done once
// Twins     src/backends/reference/ceiling.ts, assembly/ceiling.ts

@compute @workgroup_size(256)
fn ceiling(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let n = unit_of(workgroup) * 256u + local;
  if (n >= p.N) { return; }
  let start = vec4f(f32(local * p.zero));
  var a0 = start;
  var a1 = start + 1.0;
  var a2 = start + 2.0;
  var a3 = start + 3.0;
  var a4 = start + 4.0;
  var a5 = start + 5.0;
  var a6 = start + 6.0;
  var a7 = start + 7.0;
  var a8 = start + 8.0;
  var a9 = start + 9.0;
  var a10 = start + 10.0;
  var a11 = start + 11.0;
  for (var k = 0; k < p.iterations; k++) {
    a0 = a0 * 0.5 + 1.0;
    a1 = a1 * 0.5 + 1.0;
    a2 = a2 * 0.5 + 1.0;
    a3 = a3 * 0.5 + 1.0;
    a4 = a4 * 0.5 + 1.0;
    a5 = a5 * 0.5 + 1.0;
    a6 = a6 * 0.5 + 1.0;
    a7 = a7 * 0.5 + 1.0;
    a8 = a8 * 0.5 + 1.0;
    a9 = a9 * 0.5 + 1.0;
    a10 = a10 * 0.5 + 1.0;
    a11 = a11 * 0.5 + 1.0;
  }
  let sum = ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7)) + ((a8 + a9) + (a10 + a11));
  set_y(n, (sum.x + sum.z) + (sum.y + sum.w));
}
