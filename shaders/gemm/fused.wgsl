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
  if (first >= place.end_step || (first % TILE_SEGMENTS != 0u && first != place.first_step)) { return; }
  stage_tiles((first / TILE_SEGMENTS) * 128u, place, thread);
  workgroupBarrier();
}

fn row_of_slot(slot : u32) -> u32 {
  return first_row(slot / 4u) + slot % 4u;
}

fn put_sixteen(slot : u32, segment : u32, words : vec4<u32>, k : u32, place : Place) {
  staged[min(segment, TILE_SEGMENTS - 1u) * STAGED_PITCH + min(slot, SLOTS - 1u)] = words;
}

// Octet number `octet` of the rows in vector `vector` of the tile.
fn fetch_a(vector : u32, octet : u32, place : Place) -> Patch {
  if (TAIL && octet >= 2u * place.end_step) { return Patch(); }
  let slot = 4u * (vector % ROW_QUADS);
  let at = ((octet / 2u) % TILE_SEGMENTS) * STAGED_PITCH + slot;
  return Patch(
    octet_of_staged(staged[at], octet),
    octet_of_staged(staged[at + 1u], octet),
    octet_of_staged(staged[at + 2u], octet),
    octet_of_staged(staged[at + 3u], octet),
    vec4<f32>(slot_scale[slot], slot_scale[slot + 1u], slot_scale[slot + 2u], slot_scale[slot + 3u]),
  );
}

// A shader has a buffer by eight bytes or, as plain-eight.wgsl reads it, by sixteen.
fn pair_at(side : u32, index : u32) -> vec2<u32> {
  return half_of(codes_at(side, index >> 1u), index);
}

// The first two words, or for an odd number the others.
fn half_of(words : vec4<u32>, number : u32) -> vec2<u32> {
  return select(words.xy, words.zw, number % 2u == 1u);
}

fn octet_of_staged(codes : vec4<u32>, octet : u32) -> vec4<u32> {
  return vec4<u32>(half_of(codes, octet), 0u, 0u);
}

fn a_values(codes : Patch, octet : u32, half : u32) -> mat4x4<f32> {
  if (A_HALVES) { return patch_values(A_FORMAT, true, codes, octet, half); }
  return scaled_rows(
    values_of_word(codes.r0[half]),
    values_of_word(codes.r1[half]),
    values_of_word(codes.r2[half]),
    values_of_word(codes.r3[half]),
    codes.scales,
    8u * octet + 4u * half,
  );
}
