// Halves that decode-pass.wgsl has made of the codes, on their way into the tile of the matrix kernels: a unit is one
// word of eight halves. In place of matrix-codes.wgsl and matrix-fill-f16.wgsl. Needs: operands.wgsl, matrix-tile.wgsl,
// decoded-place.wgsl, chunk-rows.wgsl. Constant: TAIL (a step may reach beyond the last segment of a group's range of
// K).
@group(0) @binding(9) var<storage, read> a_decoded : array<vec4<u32>>;
@group(0) @binding(10) var<storage, read> b_decoded : array<vec4<u32>>;

const SEGMENT_WORDS : u32 = 2u;
const A_UNITS : u32 = TILE_ROWS * STEP_SEGMENTS * SEGMENT_WORDS;
const ALL_UNITS : u32 = (TILE_ROWS + TILE_COLS) * STEP_SEGMENTS * SEGMENT_WORDS;

alias Unit = vec4<u32>;

// Neighbouring threads read neighbouring words. Nothing from the end of the range of K on, where TAIL.
fn fetch(i : u32, thread : u32, place : Place, first : u32) -> Unit {
  let at = chunk_place(i, thread);
  if (TAIL && first + at.y >= place.end_step) { return Unit(); }
  let word = (first + at.y) * CHUNK_WORDS + thread % CHUNK_WORDS;
  if (of_a(i, thread)) {
    return a_decoded[(place.tile_row * (TILE_ROWS / CHUNK_ROWS) + at.x) * ROW_OF_CHUNKS + word];
  }
  let block = decoded_block_of_b(place.b_row, place.col) + at.x - TILE_ROWS / CHUNK_ROWS;
  return b_decoded[block * ROW_OF_CHUNKS + word];
}

fn fill(i : u32, thread : u32, part : u32, values : Unit) {
  if (!UNITS_EVEN && i * THREADS + thread >= ALL_UNITS) { return; }
  fill_chunk(i, thread, values);
}
