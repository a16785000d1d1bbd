// A of skinny.wgsl quantised on its way into workgroup memory. Needs: skinny.wgsl and what it needs, stage.wgsl and
// what it needs, octet.wgsl. Constant: A_HALVES (as in octet.wgsl).
//
// Codes do not stay: each becomes r(code * scale) in A's tile as soon as it is known, as if it had been stored. All the
// tiles of a chunk, of whatever rows, are quantised at once, eight threads a tile. Beyond K they are zeros, and NaN
// where the tile's scale is infinite or NaN, but then so is all of that tile, since a value was.
//
// Workgroup memory: with TILE_SEGMENTS of 128 (2048 / ROWS of K at a time) 8 KiB of A's values and 320 bytes of largest
// magnitudes, factors and scales; twice as much with 256, which LANES times ROWS of more than 128 take. 256 would be
// 640 bytes beyond WebGPU's default limit, so that they are taken only there. Sums are the same, because a lane's
// segments and their order are.
//
// Barriers of a chunk: after the largest magnitudes, after the scales (before which all threads are done with the chunk
// before) and after the values.
const TILE_ROWS : u32 = ROWS;
const SIXTEEN_IN_ROW : bool = false;
const ROW_TILES : u32 = CHUNK_SEGMENTS / TILE_LENGTH;
// Segments of a tile.
const TILE_LENGTH : u32 = 128u / SEGMENT;

fn row_of_slot(slot : u32) -> u32 {
  return slot;
}

// As in skinny-stored.wgsl.
fn fill_chunk(chunk : u32, place : Place, thread : u32) {
  stage_tiles(chunk * SEGMENT, place, thread);
}

fn put_sixteen(slot : u32, segment : u32, words : vec4<u32>, k : u32, place : Place) {
  put_eight(slot, segment, words.xy);
  put_eight(slot, segment + 8u, words.zw);
}

// Eight `number` of the sixteen of a tile.
fn put_eight(slot : u32, number : u32, words : vec2<u32>) {
  // All are within these bounds; saying so spares a check of each index (robustness).
  let row = min(slot / ROW_TILES, ROWS - 1u);
  let segment = (slot % ROW_TILES) * TILE_LENGTH + (number / 2u) % TILE_LENGTH;
  let at = (row * 4u + (number % 2u) * 2u) * CHUNK_SEGMENTS + segment;
  let scale = slot_scale[slot % SLOTS];
  a_tile[at] = a_values(words, 0u) * scale;
  a_tile[at + CHUNK_SEGMENTS] = a_values(words, 1u) * scale;
}

fn a_values(words : vec2<u32>, half : u32) -> vec4<f32> {
  if (A_HALVES) { return quad_values(A_FORMAT, true, vec4<u32>(words, 0u, 0u), 0u, half); }
  return values_of_word(words[half]);
}
