// A of portable.wgsl quantised on its way into workgroup memory: plain values are read, 1 x 128 of a row at a time, and
// become the codes and scales that quantising them first would have given. Needs: portable.wgsl and what it needs,
// the arithmetic shaders, scale.wgsl, encode-words.wgsl, eight.wgsl, plain-eight.wgsl.
// Constants: those of scale.wgsl, encode-words.wgsl (FORMAT is A's, of at most 8 bits) and plain-eight.wgsl.
//
// Tile: 128 of K of all the tile's rows, staged whenever the steps come to the next 128, because a scale follows from
// all of its tile. Threads: portable.wgsl's, eight to a row, each with 16 values in registers, so that values are read
// once by each workgroup. Workgroup memory: 128 * (TILE_ROWS + 1) bytes of codes, one byte each in every format, and 20
// * TILE_ROWS bytes of largest magnitudes, factors and scales, beside portable.wgsl's: 14.8 KiB in all for 32 x 128 x
// 16.
//
// Codes lie segment by segment, a row's 16 bytes in the slot that portable.wgsl fetches them by; one slot of padding
// lets eight threads with the segments of one row write to different banks.
const TILE_SEGMENTS : u32 = 128u / SEGMENT;
const STAGE_ROWS : u32 = THREADS / TILE_SEGMENTS;
const SLOTS : u32 = TILE_ROWS + 1u;

var<workgroup> staged : array<vec4<u32>, TILE_SEGMENTS * SLOTS>;
var<workgroup> row_amax : array<atomic<u32>, TILE_ROWS>;
var<workgroup> row_factor : array<Factor, TILE_ROWS>;
var<workgroup> row_scale : array<f32, TILE_ROWS>;

// Before segment `first` of K is fetched: its tiles of A, where they are not staged already.
fn stage_a(first : u32, place : Place, thread : u32) {
  if (first % TILE_SEGMENTS != 0u && first != place.first_step) { return; }
  // The thread's number is within this bound; that the compiler knows spares a check of each index.
  let t = min(thread, THREADS - 1u);
  let segment = t % TILE_SEGMENTS;
  let col = (first / TILE_SEGMENTS) * 128u + segment * SEGMENT;
  for (var turn = 0u; turn < TILE_ROWS / STAGE_ROWS; turn++) {
    let slot = turn * STAGE_ROWS + t / TILE_SEGMENTS;
    let row = place.row + row_of_slot(slot);
    var left = Eight();
    var right = Eight();
    if (row < place.row_end) {
      left = plain_eight(row, col);
      right = plain_eight(row, col + 8u);
    }
    let magnitudes = larger_of_eights(magnitudes_of_eight(left), magnitudes_of_eight(right));
    atomicMax(&row_amax[slot], largest_of_eight(magnitudes));
    workgroupBarrier();

    // A thread to a row; the largest magnitude goes back to zero for the next tile.
    if (t < STAGE_ROWS) {
      let own = turn * STAGE_ROWS + t % STAGE_ROWS;
      let amax = max(atomicExchange(&row_amax[own], 0u), AMAX_FLOOR);
      let scale = scale_bits(amax);
      row_factor[own] = factor_of(amax, factor_bits(amax, scale));
      row_scale[own] = bitcast<f32>(scale);
    }
    workgroupBarrier();

    let factor = row_factor[slot];
    let values = array<vec4<u32>, 4>(left.left, left.right, right.left, right.right);
    var words = vec4<u32>();
    for (var i = 0u; i < 4u; i++) { words[i] = encode_word(values[i], factor); }
    staged[segment * SLOTS + slot] = words;
  }
  workgroupBarrier();
}

// A segment of the row that slot `slot` of the tile holds, out of what is staged.
fn fetch_a(slot : u32, segment : u32, place : Place) -> Unit {
  if (segment >= place.end_step) { return Unit(); }
  let at = slot % TILE_ROWS;
  let codes = staged[(segment % TILE_SEGMENTS) * SLOTS + at];
  return Unit(Segment(codes, vec4<u32>()), row_scale[at]);
}

// The values of four of a segment's codes.
fn a_values(segment : Segment, quad : u32) -> vec4<f32> {
  if (A_HALVES) { return quad_values(A_FORMAT, true, segment, quad); }
  return decode4(A_FORMAT, (vec4<u32>(segment.low[quad]) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}

// Eight values of a row of A in f32 bits, zeros beyond its end.
fn plain_eight(row : u32, col : u32) -> Eight {
  if (col >= params.k) { return Eight(); }
  let at = row * params.a.word_pitch + col / select(1u, 2u, HALVES);
  var values = Eight();
  if (HALVES) {
    values = widened_eight(codes_at(A, at / 4u));
  } else {
    values = Eight(codes_at(A, at / 4u), codes_at(A, at / 4u + 1u));
  }
  return first_of_eight(values, params.k - col);
}
