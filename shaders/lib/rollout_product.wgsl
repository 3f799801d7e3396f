// The weight gradient after the scan: for every layer deltasᵀ · [operand; inputs; 1] over all K = T · B steps and trials, as one product in fixed slices of K, then
// their sum in order. A workgroup makes BLOCK x BLOCK numbers of one layer and slice, an invocation 4 x 4 of them, by fours of K through workgroup memory.
// The host's table lists p.jobs layers behind the matrices: rows, first delta, columns of the operand, its place in the record, 1 if it is the next step's, number
// of inputs, weight and its row length, input weight and its row length, 1 + each of two biases (0: none), first number of its sums, first block, columns.
const JOB: u32 = 15u;
const BLOCK: u32 = 4u * PRODUCT_SIDE;
const PRODUCT_FOURS: u32 = 4u;

var<workgroup> left: array<vec4f, PRODUCT_FOURS * BLOCK>;
var<workgroup> right: array<vec4f, PRODUCT_FOURS * BLOCK>;

struct Job {
  rows: u32,
  first_delta: u32,
  previous: u32,
  feature: u32,
  ahead: u32,
  inputs: u32,
  columns: u32,
  first_sum: u32,
  first_block: u32,
}

fn job_number(job: u32, i: u32) -> u32 { return whole(p.matrices * MATRIX + job * JOB + i); }

fn job_at(i: u32) -> Job {
  return Job(
    job_number(i, 0u),
    job_number(i, 1u),
    job_number(i, 2u),
    job_number(i, 3u),
    job_number(i, 4u),
    job_number(i, 5u),
    job_number(i, 14u),
    job_number(i, 12u),
    job_number(i, 13u),
  );
}

/// A delta of step and trial k = t · B + trial; 0 behind the last k or row.
fn delta_value(job: Job, k: u32, last: u32, row: u32) -> f32 {
  if (k >= last || row >= job.rows) { return 0.0; }
  return get_scratch(p.deltas_at + k * p.deltas + job.first_delta + row);
}

/// A number of the operand; 0 behind the last k or column.
fn operand_value(job: Job, k: u32, last: u32, column: u32) -> f32 {
  if (k >= last) { return 0.0; }
  if (column < job.previous) { return get_cache(p.cache_at + (k + job.ahead * p.B) * p.record + job.feature + column); }
  if (column < job.previous + job.inputs) { return operand_input(k % p.B, k / p.B, column - job.previous); }
  return select(0.0, 1.0, column + 1u == job.columns);
}

@compute @workgroup_size(PRODUCT_SIDE, PRODUCT_SIDE)
fn product(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) at: vec3u, @builtin(local_invocation_index) local: u32) {
  let slice = workgroup.y + p.first_slice;
  var which = 0u;
  while (which + 1u < p.jobs && workgroup.x >= job_number(which + 1u, 13u)) { which++; }
  let job = job_at(which);
  let across = (job.columns + BLOCK - 1u) / BLOCK;
  let block = workgroup.x - job.first_block;
  let first_row = (block / across) * BLOCK;
  let first_column = (block % across) * BLOCK;
  let from_k = slice * p.slice_length;
  let to_k = min(from_k + p.slice_length, p.B * p.T);
  var sum0 = vec4f(0.0);
  var sum1 = vec4f(0.0);
  var sum2 = vec4f(0.0);
  var sum3 = vec4f(0.0);
  for (var start = from_k; start < to_k; start += 4u * PRODUCT_FOURS) {
    for (var item = local; item < PRODUCT_FOURS * BLOCK; item += PRODUCT_SIDE * PRODUCT_SIDE) {
      let k = start + 4u * (item / BLOCK);
      let row = first_row + item % BLOCK;
      let column = first_column + item % BLOCK;
      left[item] = vec4f(
        delta_value(job, k, to_k, row),
        delta_value(job, k + 1u, to_k, row),
        delta_value(job, k + 2u, to_k, row),
        delta_value(job, k + 3u, to_k, row),
      );
      right[item] = vec4f(
        operand_value(job, k, to_k, column),
        operand_value(job, k + 1u, to_k, column),
        operand_value(job, k + 2u, to_k, column),
        operand_value(job, k + 3u, to_k, column),
      );
    }
    workgroupBarrier();
    for (var four = 0u; four < PRODUCT_FOURS; four++) {
      let a0 = left[four * BLOCK + at.y];
      let a1 = left[four * BLOCK + at.y + PRODUCT_SIDE];
      let a2 = left[four * BLOCK + at.y + 2u * PRODUCT_SIDE];
      let a3 = left[four * BLOCK + at.y + 3u * PRODUCT_SIDE];
      let b = transpose(mat4x4f(
        right[four * BLOCK + at.x],
        right[four * BLOCK + at.x + PRODUCT_SIDE],
        right[four * BLOCK + at.x + 2u * PRODUCT_SIDE],
        right[four * BLOCK + at.x + 3u * PRODUCT_SIDE],
      ));
      sum0 += a0.x * b[0];
      sum1 += a1.x * b[0];
      sum2 += a2.x * b[0];
      sum3 += a3.x * b[0];
      sum0 += a0.y * b[1];
      sum1 += a1.y * b[1];
      sum2 += a2.y * b[1];
      sum3 += a3.y * b[1];
      sum0 += a0.z * b[2];
      sum1 += a1.z * b[2];
      sum2 += a2.z * b[2];
      sum3 += a3.z * b[2];
      sum0 += a0.w * b[3];
      sum1 += a1.w * b[3];
      sum2 += a2.w * b[3];
      sum3 += a3.w * b[3];
    }
    workgroupBarrier();
  }
  let to = p.sums_at + slice * p.sums + job.first_sum;
  let sums = array<vec4f, 4>(sum0, sum1, sum2, sum3);
  for (var i = 0u; i < 4u; i++) {
    let row = first_row + at.y + i * PRODUCT_SIDE;
    for (var j = 0u; j < 4u; j++) {
      let column = first_column + at.x + j * PRODUCT_SIDE;
      if (row < job.rows && column < job.columns) { set_scratch(to + row * job.columns + column, sums[i][j]); }
    }
  }
}

/// Adds the slices' sums to the gradient, slices in ascending order. One invocation a number.
@compute @workgroup_size(64)
fn add_slices(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 64u + local;
  if (i >= p.sums) { return; }
  var sum = 0.0;
  for (var slice = 0u; slice < p.slices; slice++) { sum += get_scratch(p.sums_at + slice * p.sums + i); }
  var job = 0u;
  while (job + 1u < p.jobs && i >= job_number(job + 1u, 12u)) { job++; }
  let columns = job_number(job, 14u);
  let place = i - job_number(job, 12u);
  let row = place / columns;
  let column = place % columns;
  let previous = job_number(job, 2u);
  if (column < previous) {
    add_gradient(job_number(job, 6u) + row * job_number(job, 7u) + column, sum);
  } else if (column < previous + job_number(job, 5u)) {
    add_gradient(job_number(job, 8u) + row * job_number(job, 9u) + column - previous, sum);
  } else {
    let first = job_number(job, 10u);
    let second = job_number(job, 11u);
    if (first > 0u) { add_gradient(first - 1u + row, sum); }
    if (second > 0u) { add_gradient(second - 1u + row, sum); }
  }
}

fn add_gradient(i: u32, value: f32) { set_gradient(i, get_gradient(i) + value); }
