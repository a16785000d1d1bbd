// A of matrix-promoted.wgsl quantised on its way into workgroup memory, where the scales of either operand change every
// 128 of K at the soonest: an interval is a tile of A. Needs: matrix-promoted.wgsl and what it needs with A_STAGED, of
// which matrix-codes.wgsl; stage.wgsl and what it needs.
//
// Codes do not stay: each becomes the half that the matrix units multiply as soon as it is known, in the rows of 128
// from which they load. So nothing of A is filled in from step to step, and A takes no more memory than codes and one
// step's halves would. Workgroup memory, for 64 x 128 outputs with steps of 32: 17 KiB of A's halves and 10 of B's,
// through which the partial sums pass too (18 KiB), and 2 KiB of scales, factors and largest magnitudes: 29 KiB, of
// which a multiprocessor of NVIDIA's has room for two. Registers: A's values of an interval are read and encoded while
// there are no partial sums, so that 64 values (64 rows by 128 threads) lie where these will.
//
// Barriers of an interval: matrix-promoted.wgsl's and two, after the largest magnitudes and after the scales. The codes
// are written before the barrier of the first step, and are overwritten, by partial sums, after that of the last.
const SIXTEEN_IN_ROW : bool = false;
const ROW_TILES : u32 = 1u;

fn row_of_slot(slot : u32) -> u32 {
  return slot;
}

// Before the interval that begins at segment `first` of K is multiplied: its tiles of A.
fn stage_a(first : u32, place : Place, thread : u32) {
  stage_tiles(first * SEGMENT, place, thread);
}

// The place in 128 of K, in the order of steps, of eight codes number `eight` of them.
fn place_of_eight(eight : u32) -> u32 {
  if (!IN_PAIRS) { return eight; }
  return (eight % 2u) * 8u + eight / 2u;
}

fn put_sixteen(slot : u32, segment : u32, words : vec4<u32>, k : u32, place : Place) {
  let row = slot * A_ROW_WORDS;
  fill_eight(A_FORMAT, row + place_of_eight(segment) * EIGHT_WORDS, words.xy);
  fill_eight(A_FORMAT, row + place_of_eight(segment + 8u) * EIGHT_WORDS, words.zw);
}

// The scale of a row of the tile in the interval that begins at element k.
fn scale_of_a(row : u32, place : Place, k : u32) -> f32 {
  return slot_scale[min(row, TILE_ROWS - 1u)];
}
