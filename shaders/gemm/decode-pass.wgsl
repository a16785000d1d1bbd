// The values of one operand as halves, written to storage once, for matrix kernels that then read halves where they
// would otherwise decode the same codes in every workgroup that needs them. Scales are folded in for
// matrix-folded.wgsl. Needs: operands.wgsl and what it needs, halves.wgsl, halves-unit.wgsl, place.wgsl, one of
// place-*.wgsl, decoded-place.wgsl, and fold.wgsl with what it needs or unscaled.wgsl. Constants: SIDE (A or B), FORMAT
// (that operand's), TILE_ROWS, TILE_COLS, GROUPED.
//
// A workgroup of 256 threads makes eight chunks, neighbours along K; a thread decodes half a segment, eight codes, and
// writes their 16 bytes, so that neighbours write next to each other. Sixteen threads read 128 bytes of a row. No
// workgroup memory, because segments share nothing.
@group(0) @binding(9) var<storage, read_write> decoded : array<vec4<u32>>;

const CHUNKS : u32 = 8u;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let across = (ROW_CHUNKS + CHUNKS - 1u) / CHUNKS;
  let number = workgroup.x + workgroup.y * workgroups.x;
  let block = number / across;
  let segment = (number % across) * CHUNKS + thread / CHUNK_WORDS;
  let word = thread % CHUNK_WORDS;
  if (segment >= ROW_CHUNKS || block * ROW_OF_CHUNKS >= arrayLength(&decoded)) { return; }

  let source = source_row(block * CHUNK_ROWS + row_of_pair(word / 2u));
  var unit = Unit();
  if (source < operand_of(SIDE).rows) { unit = fetch_row(SIDE, FORMAT, source, segment, params.steps); }
  let first = (word % 2u) * 2u;
  let halves = vec4<u32>(quad_halves(FORMAT, unit, first), quad_halves(FORMAT, unit, first + 1u));
  decoded[block * ROW_OF_CHUNKS + segment * CHUNK_WORDS + word] = halves;
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
