// What every kernel that runs a network over time shares: which trials an invocation works for, and the tile's memory.
//
// A workgroup owns a tile of 4 · p.groups trials for all steps of a dispatch. Trials come in quads: a vec4f holds one number of four trials. An invocation is
// (lane, group): it computes the units lane, lane + lane_count(), ... for the quad of its group. `open_tile` sets all of this; it comes first in every entry point.
//
// The tile's memory is rows of quads: `memory(row)` and `set_memory(row, value)` for the invocation's own group, from any lane of which others may read after
// `tile_barrier()` (uniform control flow). It begins as zeros. Rows that do not fit the workgroup's memory stand in the workspace; nothing else changes.
// A kernel has rows of its own from p.own_row on: as many as it asked of rollout-table.ts.
//
// Constants from the host: WORKGROUP (invocations), MEMORY (quads of workgroup memory), SPILL (whether rows stand in the workspace too).
// Numbers from the host: groups, lane_bits, tile_rows, spill_at, own_row.

/** Its lane, its group, the first trial of its quad (may be p.B or more: loads then read the last trial, nothing is stored). */
var<private> lane: u32;
var<private> group: u32;
var<private> quad_trial: u32;
var<private> tile: u32;

var<workgroup> tile_memory: array<vec4f, MEMORY>;

fn lane_count() -> u32 { return 1u << p.lane_bits; }

fn memory(row: u32) -> vec4f {
  let i = row * p.groups + group;
  if (SPILL) {
    if (i >= MEMORY) { return workspace[p.spill_at + tile * (p.tile_rows * p.groups - MEMORY) + i - MEMORY]; }
  }
  return tile_memory[i];
}

fn set_memory(row: u32, value: vec4f) {
  let i = row * p.groups + group;
  if (SPILL) {
    if (i >= MEMORY) {
      workspace[p.spill_at + tile * (p.tile_rows * p.groups - MEMORY) + i - MEMORY] = value;
      return;
    }
  }
  tile_memory[i] = value;
}

fn tile_barrier() {
  workgroupBarrier();
  if (SPILL) { storageBarrier(); }
}

/** Returns whether the tile exists: the same for the whole workgroup, but unknown to be so; dispatches have as many workgroups as tiles. */
fn open_tile(workgroup: vec3u, local: u32) {
  tile = unit_of(workgroup);
  lane = local & (lane_count() - 1u);
  group = local >> p.lane_bits;
  quad_trial = 4u * (tile * p.groups + group);
  if (SPILL) {
    for (var row = lane; row < p.tile_rows; row += lane_count()) { set_memory(row, vec4f(0.0)); }
  }
  tile_barrier();
}

/** The trials of the quad; those behind the last read as the last. */
fn quad_trials() -> vec4u { return min(vec4u(quad_trial) + vec4u(0u, 1u, 2u, 3u), vec4u(p.B - 1u)); }
