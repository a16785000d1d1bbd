// A of portable.wgsl quantised on its way into workgroup memory. Needs: portable.wgsl and what it needs, stage.wgsl and
// what it needs.
//
// Workgroup memory: 128 * (TILE_ROWS + 1) bytes of codes, one byte each in every format, and what stage.wgsl takes,
// beside portable.wgsl's: 14.8 KiB in all for 32 x 128 x 16.
//
// Codes lie segment by segment, a row's 16 bytes in the slot that portable.wgsl fetches them by; one slot of padding
// lets eight threads with the segments of one row write to different banks.
const SIXTEEN_IN_ROW : bool = true;
const ROW_TILES : u32 = 1u;
const TILE_SEGMENTS : u32 = 128u / SEGMENT;
const STAGED_PITCH : u32 = SLOTS + 1u;

var<workgroup> staged : array<vec4<u32>, TILE_SEGMENTS * STAGED_PITCH>;

// Before segment `first` of K is fetched: its tiles of A, where they are not staged already.
fn stage_a(first : u32, place : Place, thread : u32) {
  if (first % TILE_SEGMENTS != 0u && first != place.first_step) { return; }
  stage_tiles((first / TILE_SEGMENTS) * 128u, place, thread);
  workgroupBarrier();
}

fn put_sixteen(slot : u32, segment : u32, words : vec4<u32>, k : u32, place : Place) {
  staged[min(segment, TILE_SEGMENTS - 1u) * STAGED_PITCH + min(slot, SLOTS - 1u)] = words;
}

// A segment of the row that slot `slot` of the tile holds, out of what is staged.
fn fetch_a(slot : u32, segment : u32, place : Place) -> Unit {
  if (segment >= place.end_step) { return Unit(); }
  let at = slot % TILE_ROWS;
  let codes = staged[(segment % TILE_SEGMENTS) * STAGED_PITCH + at];
  return Unit(Segment(codes, vec4<u32>()), slot_scale[at]);
}

// The values of four of a segment's codes.
fn a_values(segment : Segment, quad : u32) -> vec4<f32> {
  if (A_HALVES) { return quad_values(A_FORMAT, true, segment, quad); }
  return values_of_word(segment.low[quad]);
}
