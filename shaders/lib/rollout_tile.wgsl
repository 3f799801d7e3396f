// What every kernel that runs a network over time shares: which trials an invocation works for, the tile's memory, products with packed weights.
//
// A workgroup owns a tile of 4 p.groups trials for all steps of a dispatch. Trials come in quads: a vec4f holds one number of four trials. An invocation is
// (lane, group): it computes the units lane, lane + lane_count(), ... for the quad of its group. `open_tile` sets all of this; it comes first in every entry point.
//
// The tile's memory is rows of quads: `memory(row)` and `set_memory(row, value)` act on the invocation's own group; other lanes read what it wrote after
// `tile_barrier()` (uniform control flow). It begins as zeros. Rows that do not fit the workgroup's memory stand in the workspace; nothing else changes.
// A kernel has rows of its own from p.own_row on: as many as it asked of rollout-network.ts.
//
// Constants from the host: WORKGROUP (invocations), MEMORY (quads of workgroup memory), SPILL (whether rows stand in the workspace too), OPERANDS_INSIDE (whether
// those do not that every unit's product reads: state and inputs), CARRY_OUTSIDE.

/// Its lane, its group, the first trial of its quad (may be p.B or more: loads then read the last trial, nothing is stored).
var<private> lane: u32;
var<private> group: u32;
var<private> quad_trial: u32;
var<private> tile: u32;

var<workgroup> tile_memory: array<vec4f, MEMORY>;

fn lane_count() -> u32 { return 1u << p.lane_bits; }
fn units() -> u32 { return u32(p.hidden_size); }
/// Fours of n: a product takes so many vec4f of weights.
fn fours(n: u32) -> u32 { return (n + 3u) / 4u; }

fn spilled(i: u32) -> u32 { return p.spill_at + tile * (p.tile_rows * p.groups - MEMORY) + i - MEMORY; }

fn memory(row: u32) -> vec4f {
  let i = row * p.groups + group;
  if (SPILL) {
    if (i >= MEMORY) { return workspace[spilled(i)]; }
  }
  return tile_memory[i];
}

fn set_memory(row: u32, value: vec4f) {
  let i = row * p.groups + group;
  if (SPILL) {
    if (i >= MEMORY) {
      workspace[spilled(i)] = value;
      return;
    }
  }
  tile_memory[i] = value;
}

fn tile_barrier() {
  workgroupBarrier();
  if (SPILL) { storageBarrier(); }
}

fn open_tile(workgroup: vec3u, local: u32) {
  tile = unit_of(workgroup);
  lane = local & (lane_count() - 1u);
  group = local >> p.lane_bits;
  quad_trial = 4u * (tile * p.groups + group);
  if (group >= p.groups) {
    // Invocations beyond the last group have no units: every loop over lanes ends before it begins.
    lane = 0x7fffffffu;
    group = 0u;
    quad_trial = p.B;
  }
  if (SPILL) {
    for (var row = lane; row < p.tile_rows; row += lane_count()) { set_memory(row, vec4f(0.0)); }
  }
  tile_barrier();
}

/// The trials of the quad; those behind the last read as the last.
fn quad_trials() -> vec4u { return min(vec4u(quad_trial) + vec4u(0u, 1u, 2u, 3u), vec4u(p.B - 1u)); }

/// Numbers that only the lane which computes a unit reads and writes: in the tile's memory, or in the workspace where the memory is needed for others.
/// There, and between chunks of time, the entries of a state stand behind one another for every quad.
fn saved(i: u32) -> u32 { return p.saved_at + (tile * p.groups + group) * p.S + i; }

fn carried(i: u32) -> vec4f {
  if (CARRY_OUTSIDE) { return workspace[saved(i)]; }
  return memory(p.row_carry + i);
}

fn set_carried(i: u32, value: vec4f) {
  if (CARRY_OUTSIDE) {
    workspace[saved(i)] = value;
  } else {
    set_memory(p.row_carry + i, value);
  }
}

/// Where the record of a trial and step starts in the cache: [t][trial][feature].
fn record_at(trial: u32, t: u32) -> u32 { return p.cache_at + (t * p.B + trial) * p.record; }

/// Numbers that the host packed as two floats each, exact for all u32.
fn whole(i: u32) -> u32 { return u32(table(p.table_at + 2u * i)) * 65536u + u32(table(p.table_at + 2u * i + 1u)); }

/// A row of state or inputs, for the products that read it most: without asking where it stands, if none stands in the workspace.
fn operand_row(row: u32) -> vec4f {
  if (OPERANDS_INSIDE) { return tile_memory[row * p.groups + group]; }
  return memory(row);
}

/// start + Σ W[k, column] · row (first_row + k), over the fours `first` to `last` of k: weights [fours][columns] of vec4f along k, from `at` of the workspace on.
fn weigh(start: vec4f, at: u32, columns: u32, column: u32, first_row: u32, first: u32, last: u32) -> vec4f {
  var sum = start;
  if (SPILL) {
    if ((first_row + 4u * last) * p.groups > MEMORY) {
      for (var k = first; k < last; k++) {
        let w = workspace[at + k * columns + column];
        let row = first_row + 4u * k;
        sum += w.x * memory(row);
        sum += w.y * memory(row + 1u);
        sum += w.z * memory(row + 2u);
        sum += w.w * memory(row + 3u);
      }
      return sum;
    }
  }
  for (var k = first; k < last; k++) {
    let w = workspace[at + k * columns + column];
    let i = (first_row + 4u * k) * p.groups + group;
    sum += w.x * tile_memory[i];
    sum += w.y * tile_memory[i + p.groups];
    sum += w.z * tile_memory[i + 2u * p.groups];
    sum += w.w * tile_memory[i + 3u * p.groups];
  }
  return sum;
}

/// Products of few rows are cut along k, so that more lanes take part: item = column + slice · columns leaves its part in row p.row_partial + first + item.
fn weigh_slices(first: u32, slices: u32, at: u32, columns: u32, first_row: u32, depth: u32) {
  let length = (depth + slices - 1u) / slices;
  for (var item = lane; item < columns * slices; item += lane_count()) {
    let slice = item / columns;
    let from_four = min(depth, slice * length);
    set_memory(p.row_partial + first + item, weigh(vec4f(0.0), at, columns, item - slice * columns, first_row, from_four, min(depth, from_four + length)));
  }
}

/// start + the parts of a column, in order.
fn sum_slices(start: vec4f, first: u32, slices: u32, columns: u32, column: u32) -> vec4f {
  var sum = start;
  for (var slice = 0u; slice < slices; slice++) { sum += memory(p.row_partial + first + slice * columns + column); }
  return sum;
}
