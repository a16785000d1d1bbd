// A of portable.wgsl quantised on its way into workgroup memory. Needs: portable.wgsl and what it needs, stage.wgsl and
// what it needs. Constants: A_HALVES (as in octet.wgsl), TAIL (as in patch.wgsl).
//
// Workgroup memory: 128 * (TILE_ROWS + 1) bytes of codes, one byte each in every format, and what stage.wgsl takes,
// beside portable.wgsl's: 14.8 KiB in all for 32 x 128 x 16.
//
// Codes lie octet by octet, a row's eight bytes in the slot that portable.wgsl fetches them by; one slot of padding
// lets eight threads with the segments of one row write to different banks.
const SIXTEEN_IN_ROW : bool = true;
const ROW_TILES : u32 = 1u;
const TILE_SEGMENTS : u32 = 128u / SEGMENT;
const TILE_OCTETS : u32 = 2u * TILE_SEGMENTS;
const STAGED_PITCH : u32 = SLOTS + 1u;

var<workgroup> staged : array<vec2<u32>, TILE_OCTETS * STAGED_PITCH>;

// Before segment `first` of K is fetched: its tiles of A, where they are not staged already.
fn stage_a(first : u32, place : Place, thread : u32) {
  if (first % TILE_SEGMENTS != 0u && first != place.first_step) { return; }
  stage_tiles((first / TILE_SEGMENTS) * 128u, place, thread);
  workgroupBarrier();
}

fn row_of_slot(slot : u32) -> u32 {
  return row_of_vector(slot / 4u) + slot % 4u;
}

fn put_sixteen(slot : u32, segment : u32, words : vec4<u32>, k : u32, place : Place) {
  let at = min(segment, TILE_SEGMENTS - 1u) * 2u * STAGED_PITCH + min(slot, SLOTS - 1u);
  staged[at] = words.xy;
  staged[at + STAGED_PITCH] = words.zw;
}

// Octet number `octet` of the rows in vector `vector` of the tile.
fn fetch_a(vector : u32, octet : u32, place : Place) -> Patch {
  if (TAIL && octet >= 2u * place.end_step) { return Patch(); }
  let slot = 4u * (vector % ROW_QUADS);
  let at = (octet % TILE_OCTETS) * STAGED_PITCH + slot;
  return Patch(
    vec4<u32>(staged[at], 0u, 0u),
    vec4<u32>(staged[at + 1u], 0u, 0u),
    vec4<u32>(staged[at + 2u], 0u, 0u),
    vec4<u32>(staged[at + 3u], 0u, 0u),
    vec4<f32>(slot_scale[slot], slot_scale[slot + 1u], slot_scale[slot + 2u], slot_scale[slot + 3u]),
  );
}

// A shader has a buffer by eight bytes or, as plain-eight.wgsl reads it, by sixteen.
fn pair_at(side : u32, index : u32) -> vec2<u32> {
  let words = codes_at(side, index >> 1u);
  return select(words.xy, words.zw, index % 2u == 1u);
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
