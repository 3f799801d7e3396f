// copy_strided: moves or adds a view of up to four axes: transpose, slice, concat, pad, broadcast
// Math      y[y_offset + i · y_stride] = (accumulate ? itself : 0) + x[x_offset + i · x_stride] for every index i below n0 … n3, in row-major order
// In        x [A]
// Out       y [B], updated
// Mapping   one invocation = one element of y, which takes what axes without a stride in y bring to it in order; workgroups of 256.
//           `spread` has a bit for every axis that invocations share out: none where other axes overlap in y, so that one does it all
// Memory    reads and writes n0 n1 n2 n3 floats
// Limits    n0 n1 n2 n3 < 2^31
// Numerics  moves are exact; sums in f32, in row-major order
// Twins     src/backends/reference/copy_strided.ts, assembly/copy_strided.ts
//@use strided

fn spread_size(axis: u32, n: i32) -> u32 { return select(1u, u32(n), ((p.spread >> axis) & 1u) == 1u); }

@compute @workgroup_size(256)
fn copy_strided(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let n = vec4i(p.n0, p.n1, p.n2, p.n3);
  // Sizes of the axes that are shared out, 1 for the others, which this invocation goes through itself.
  let m = vec4u(spread_size(0u, n.x), spread_size(1u, n.y), spread_size(2u, n.z), spread_size(3u, n.w));
  let unit = unit_of(workgroup) * 256u + local;
  if (unit >= m.x * m.y * m.z * m.w) { return; }
  let row = unit / m.w;
  let plane = row / m.z;
  let first = vec4i(vec4u(plane / m.y, plane % m.y, row % m.z, unit % m.w));
  let last = select(first, n - vec4i(1), m != vec4u(n));
  for (var i0 = first.x; i0 <= last.x; i0++) {
    for (var i1 = first.y; i1 <= last.y; i1++) {
      for (var i2 = first.z; i2 <= last.z; i2++) {
        for (var i3 = first.w; i3 <= last.w; i3++) {
          let index = vec4i(i0, i1, i2, i3);
          let value = get_x(place_of(index, p.x_stride0, p.x_stride1, p.x_stride2, p.x_stride3) + u32(p.x_offset));
          let i = place_of(index, p.y_stride0, p.y_stride1, p.y_stride2, p.y_stride3) + u32(p.y_offset);
          if (p.accumulate != 0) { set_y(i, get_y(i) + value); } else { set_y(i, value); }
        }
      }
    }
  }
}
