// What the losses share: a workgroup of 128 invocations adds up what each of them has, in a fixed order.

var<workgroup> loss_parts: array<f32, 128>;

/// Σ over the workgroup; to be called by all of its invocations together.
fn workgroup_sum(local: u32, part: f32) -> f32 {
  loss_parts[local] = part;
  workgroupBarrier();
  for (var width = 64u; width > 0u; width >>= 1u) {
    if (local < width) { loss_parts[local] += loss_parts[local + width]; }
    workgroupBarrier();
  }
  return loss_parts[0];
}
