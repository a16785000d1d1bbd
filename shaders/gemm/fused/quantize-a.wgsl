// For decode-pass.wgsl: A's halves and scales out of its values, which are quantised on the way, so that its codes are
// never written. In place of decode-a.wgsl, not where there are groups. Needs: stage.wgsl and what it needs, with
// TILE_ROWS equal to CHUNK_ROWS. Constant: A_TILES (1 x 128 tiles of a row).
//
// A workgroup of 256 threads quantises ROW_TILES tiles of each of a block's 16 rows, a thread 16 values at a time.
// Workgroup memory: 20 bytes a tile (stage.wgsl), 2.5 KiB where ROW_TILES is 8.
@group(0) @binding(7) var<storage, read_write> made_scales : array<f32>;

const A_PARTS : u32 = (A_TILES + ROW_TILES - 1u) / ROW_TILES;
const SIXTEEN_IN_ROW : bool = false;

fn row_of_slot(slot : u32) -> u32 {
  return slot;
}

fn make_a(block : u32, part : u32, thread : u32) {
  let row = block * CHUNK_ROWS;
  let place = Place(row, params.a.rows, 0u, 0u, block, 0u, 0u, params.steps, 0u);
  stage_tiles(part * ROW_TILES * 128u, place, thread);
  let slot = min(thread, SLOTS - 1u);
  let tile = part * ROW_TILES + slot % ROW_TILES;
  if (thread < SLOTS && row + slot / ROW_TILES < params.a.rows && tile < A_TILES) {
    made_scales[(row + slot / ROW_TILES) * A_TILES + tile] = slot_scale[slot];
  }
}

fn put_sixteen(slot : u32, segment : u32, words : vec4<u32>, k : u32, place : Place) {
  let first = start_of_tile(slot, k) / 8u + segment;
  put_eight(slot / ROW_TILES, first, words.xy, place);
  put_eight(slot / ROW_TILES, first + 8u, words.zw, place);
}

// Values number `eight` of a row of the block, eight of them; none beyond the rows of chunks.
fn put_eight(row : u32, eight : u32, words : vec2<u32>, place : Place) {
  if (eight / 2u >= ROW_CHUNKS) { return; }
  let at = place.tile_row * ROW_OF_CHUNKS + (eight / 2u) * CHUNK_WORDS + pair_of_row(row) * 2u + eight % 2u;
  a_decoded[at] = vec4<u32>(byte_halves(A_FORMAT, words.x, 1.0), byte_halves(A_FORMAT, words.y, 1.0));
}
