// Packs weights for rollout_tile's products: a matrix [column, k] becomes fours of k of consecutive columns, [fours][columns] of vec4f, zeros behind its last k.
// The host's table lists p.matrices of them: columns, depth, where the parameters begin, their strides along columns and k, a turn of k (the gradient's gates come
// in another order than the parameters'), where it goes, in vec4f. One invocation a vec4f.
const MATRIX: u32 = 7u;

@compute @workgroup_size(64)
fn pack(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 64u + local;
  if (i >= p.packed) { return; }
  var matrix = 0u;
  while (matrix + 1u < p.matrices && i >= whole((matrix + 1u) * MATRIX + 6u)) { matrix++; }
  let at = matrix * MATRIX;
  let columns = whole(at);
  let depth = whole(at + 1u);
  let first = whole(at + 2u);
  let place = i - whole(at + 6u);
  let k = 4u * (place / columns);
  var weights = vec4f(0.0);
  for (var j = 0u; j < 4u; j++) {
    if (k + j < depth) { weights[j] = get_parameters(first + (place % columns) * whole(at + 3u) + ((k + j + whole(at + 5u)) % depth) * whole(at + 4u)); }
  }
  workspace[i] = weights;
}
