// The values of one operand as halves, written to storage once, for matrix kernels that then read halves where they would
// otherwise decode the same codes in every workgroup that needs them. Scales are folded in for matrix-folded.wgsl.
// Needs: operands.wgsl and what it needs, halves.wgsl, halves-unit.wgsl, place.wgsl, one of place-*.wgsl,
// decoded-place.wgsl, and fold.wgsl with what it needs or unscaled.wgsl. Constants: SIDE (A or B), FORMAT (that operand's), TILE_ROWS, TILE_COLS,
// GROUPED.
//
// A workgroup of 128 threads makes eight chunks, neighbours along K; a thread decodes one segment of 16 codes and writes
// its 32 bytes. Eight threads read 128 bytes of a row, 16 write 512 bytes. No workgroup memory, because
// segments share nothing.
@group(0) @binding(9) var<storage, read_write> decoded : array<vec4<u32>>;

const CHUNKS : u32 = 8u;

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let across = (ROW_CHUNKS + CHUNKS - 1u) / CHUNKS;
  let number = workgroup.x + workgroup.y * workgroups.x;
  let block = number / across;
  let segment = (number % across) * CHUNKS + thread / CHUNK_ROWS;
  let pair = thread % CHUNK_ROWS;
  if (segment >= ROW_CHUNKS) { return; }

  let source = source_row(block * CHUNK_ROWS + row_of_pair(pair));
  var unit = Unit();
  if (source < operand_of(SIDE).rows) { unit = fetch_row(SIDE, FORMAT, source, segment, params.steps); }
  let at = block * ROW_OF_CHUNKS + segment * CHUNK_WORDS + 2u * pair;
  decoded[at] = vec4<u32>(quad_halves(FORMAT, unit, 0u), quad_halves(FORMAT, unit, 1u));
  decoded[at + 1u] = vec4<u32>(quad_halves(FORMAT, unit, 2u), quad_halves(FORMAT, unit, 3u));
}

// The operand's row that decoded row `row` holds, or one beyond the operand.
fn source_row(row : u32) -> u32 {
  // Without groups decoded rows are the operand's. Dividing to find groups would take longer than decoding.
  if (!GROUPED) { return row; }
  if (SIDE == A) {
    let place = place_of((row / TILE_ROWS) * params.tile_cols, TILE_ROWS, TILE_COLS);
    return select(params.a.rows, place.row + row % TILE_ROWS, place.row + row % TILE_ROWS < place.row_end);
  }
  let rows = decoded_blocks_of_group() * CHUNK_ROWS;
  return select(params.b.rows, (row / rows) * params.cols + row % rows, row % rows < params.cols);
}
