// D = A * transpose(B) (+ C) on matrix units, each value multiplied by its scale on the way into workgroup memory, so
// that nothing but multiply-accumulates happens along K. Needs: matrix-tile.wgsl and what it needs, fold.wgsl, one of
// exponents-*.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants: those of matrix-tile.wgsl and
// fold-layout.wgsl; WHOLE_TILES (D is a multiple of tiles).
//
// Tile: TILE_ROWS x TILE_COLS of D (128 x 128) a workgroup, DEPTH (32) of K a step. Threads: SUBGROUP_SIZE for each
// UNIT_ROWS x UNIT_COLS (64 x 64) of it, 128 for four subgroups of 32, times K_SUBGROUPS (for 16 rows 2). Workgroup
// memory (matrix-tile.wgsl): rows of DEPTH halves and 16 bytes of padding, with exponents 21 KiB for 128 x 128 x 32, so
// that two workgroups share a core and one multiplies while the other loads: an NVIDIA core gives 64 KiB to workgroups
// under Vulkan, and a second buffer, which would save a barrier a step, leaves room for one workgroup alone. The
// results pass through the same memory.
@compute @workgroup_size(SUBGROUP_SIZE, SUBGROUPS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_id) local : vec3<u32>,
) {
  let number = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (number >= params.end_tile) { return; }
  let place = place_of(number, TILE_ROWS, TILE_COLS);
  if (place.row >= place.row_end) { return; }
  let subgroup = local.y;
  let thread = subgroup * SUBGROUP_SIZE + local.x;

  let start = begin(thread, place);
  keep_exponents(thread, place);
  let sums = advance_to_end(subgroup, thread, place, place.first_step, place.end_step, start).sums;

  let columns = column_powers_of_thread(subgroup, local.x);
  // A loop, with barriers that keep it one: four bands written out are 30 KB more of code, fetched for a single use.
  for (var i = 0u; i < MATRICES_Y; i++) { finish_band(subgroup, local.x, i, place, columns, sums); }
}

// Whether each of a thread's strips is one of D's.
const WHOLE_STRIPS : bool = WHOLE_TILES && BAND_STRIPS % STRIP_LANES == 0u;

// Writes band `i` of a subgroup's sums to D.
fn finish_band(subgroup : u32, lane : u32, i : u32, place : Place, columns : ColumnPowers, sums : Sums) {
  store_any_band(subgroup, i, sums);
  workgroupBarrier();
  for (var n = 0u; n < LANE_STRIPS; n++) {
    let strip = n * STRIP_LANES + subgroup / PLACES * SUBGROUP_SIZE + lane;
    let at = strip_place(subgroup, i, strip);
    let row = place.row + at.x;
    let col = place.col + at.y;
    // Without a branch a compiler orders the work of all strips together.
    if (WHOLE_STRIPS || (strip < BAND_STRIPS && row < place.row_end && col < place.col_end)) {
      let index = place.offset + row * params.pitch + col;
      let scaled = unfolded_strip(at, place, columns, whole_strip(subgroup, strip));
      store_output(index, add_addend(index, scaled));
    }
  }
  workgroupBarrier();
}
