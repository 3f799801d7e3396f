// Strided views of up to four axes of n0 × n1 × n2 × n3 elements: where an element of a kernel that broadcasts lies.

/// Position on the four axes of element i in row-major order.
fn index_of(i: u32) -> vec4i {
  let row = i32(i) / p.n3;
  let plane = row / p.n2;
  return vec4i(plane / p.n1, plane % p.n1, row % p.n2, i32(i) % p.n3);
}

/// Where it lies in a view with these strides.
fn place_of(index: vec4i, stride0: i32, stride1: i32, stride2: i32, stride3: i32) -> u32 {
  return u32(index.x * stride0 + index.y * stride1 + index.z * stride2 + index.w * stride3);
}
