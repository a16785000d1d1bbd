// Plain values of A quantised on their way to where they are multiplied or decoded: 1 x 128 of a row at a time they
// become the codes and scales that quantising them first would have given. Needs: operands.wgsl and what it needs,
// place.wgsl, the arithmetic shaders, scale.wgsl, encode-words.wgsl, eight.wgsl, plain-eight.wgsl; of the kernel
// TILE_ROWS, THREADS, ROW_TILES (tiles of each row that are staged at once), row_of_slot(slot), SIXTEEN_IN_ROW (whether
// a thread's sixteen values are consecutive), and put_sixteen(slot, segment, words, k, place), which puts their codes
// in their place. Constants: those of scale.wgsl, encode-words.wgsl (FORMAT is A's, of at most 8 bits) and
// plain-eight.wgsl; TILE_TAIL (the last tile of a row may have fewer than 128 values).
//
// Tile: ROW_TILES times 128 of K of all the tile's rows, because a scale follows from all of its tile. A slot is one 1
// x 128 tile; where a row has several, they are consecutive. Threads: the kernel's, eight to a slot, each with 16 of
// its values. Workgroup memory: 20 bytes a slot of largest magnitude, factor and scale, and what the kernel puts the
// codes into.
//
// A turn is what all threads hold at once, one slot of eight threads each; four turns are read before the first of them
// is waited for, and share two barriers. That takes 64 registers, as many as a kernel's sums, and no more are to be had
// of 255: of a tile with more turns (32 x 64 outputs by 32 threads has eight) the four next ones follow. Values are
// read once by each workgroup, but for those of a tile whose magnitudes are too small or too large for f32 arithmetic,
// or of an adapter whose arithmetic is not known to round to nearest even: these are read again, in a loop, so that the
// hundreds of instructions that encode in integers are there once and not sixteen times.
const SLOTS : u32 = TILE_ROWS * ROW_TILES;
const TURN_SLOTS : u32 = THREADS / 8u;
const TURNS : u32 = (SLOTS + TURN_SLOTS - 1u) / TURN_SLOTS;
const BATCH_TURNS : u32 = min(TURNS, 4u);
const BATCH_SLOTS : u32 = BATCH_TURNS * TURN_SLOTS;
const_assert TURNS % BATCH_TURNS == 0u;
// Slots from a thread's first to its others, of turns that there are.
const TO_1 : u32 = min(1u, BATCH_TURNS - 1u) * TURN_SLOTS;
const TO_2 : u32 = min(2u, BATCH_TURNS - 1u) * TURN_SLOTS;
const TO_3 : u32 = min(3u, BATCH_TURNS - 1u) * TURN_SLOTS;
// Whether some threads have no slot.
const STAGE_RAGGED : bool = SLOTS % TURN_SLOTS != 0u;

var<workgroup> slot_amax : array<atomic<u32>, SLOTS>;
var<workgroup> slot_factor : array<Factor, SLOTS>;
var<workgroup> slot_scale : array<f32, SLOTS>;

struct Sixteen {
  left : Eight,
  right : Eight,
}

// What a thread reads before it waits. A structure, since a driver may keep an array in memory.
struct Batch {
  t0 : Sixteen,
  t1 : Sixteen,
  t2 : Sixteen,
  t3 : Sixteen,
}

// The tiles of A from element k on, a multiple of 128. Ends with a barrier due: the caller's.
fn stage_tiles(k : u32, place : Place, thread : u32) {
  // The thread's number is within this bound; that the compiler knows spares a check of each index.
  let t = min(thread, THREADS - 1u);
  for (var batch = 0u; batch < TURNS / BATCH_TURNS; batch++) {
    let slot = batch * BATCH_SLOTS + t / 8u;
    // The same where there is such a slot.
    let at = slot % SLOTS;
    var values = Batch();
    values.t0 = sixteen_at(slot, k, place, t % 8u);
    if (BATCH_TURNS > 1u) { values.t1 = sixteen_at(slot + TO_1, k, place, t % 8u); }
    if (BATCH_TURNS > 2u) {
      values.t2 = sixteen_at(slot + TO_2, k, place, t % 8u);
      values.t3 = sixteen_at(slot + TO_3, k, place, t % 8u);
    }
    atomicMax(&slot_amax[at], largest_of_sixteen(values.t0));
    if (BATCH_TURNS > 1u) { atomicMax(&slot_amax[at + TO_1], largest_of_sixteen(values.t1)); }
    if (BATCH_TURNS > 2u) {
      atomicMax(&slot_amax[at + TO_2], largest_of_sixteen(values.t2));
      atomicMax(&slot_amax[at + TO_3], largest_of_sixteen(values.t3));
    }
    workgroupBarrier();

    // A thread to a slot; the largest magnitude goes back to zero for the next tile.
    let number = batch * BATCH_SLOTS + t % BATCH_SLOTS;
    let own = number % SLOTS;
    if (t < BATCH_SLOTS && in_tile(number)) {
      let amax = max(atomicExchange(&slot_amax[own], 0u), AMAX_FLOOR);
      let scale = scale_bits(amax);
      slot_factor[own] = factor_of(amax, factor_bits(amax, scale));
      slot_scale[own] = bitcast<f32>(scale);
    }
    workgroupBarrier();

    if (NATIVE) {
      put_native(slot, k, place, t % 8u, slot_factor[at], values.t0);
      if (BATCH_TURNS > 1u) {
        put_native(slot + TO_1, k, place, t % 8u, slot_factor[at + TO_1], values.t1);
      }
      if (BATCH_TURNS > 2u) {
        put_native(slot + TO_2, k, place, t % 8u, slot_factor[at + TO_2], values.t2);
        put_native(slot + TO_3, k, place, t % 8u, slot_factor[at + TO_3], values.t3);
      }
    }
    for (var turn = 0u; turn < BATCH_TURNS; turn++) {
      put_exact(slot + turn * TURN_SLOTS, k, place, t % 8u, slot_factor[at + turn * TURN_SLOTS]);
    }
  }
}

// The columns, from the tile's first on, of the first eight of a thread's sixteen values and of the others. Where they
// are not consecutive, eight threads read a row's values in few lines of the cache.
fn col_of_left(segment : u32) -> u32 {
  if (SIXTEEN_IN_ROW) { return segment * 16u; }
  return segment * 8u;
}

fn col_of_right(segment : u32) -> u32 {
  if (SIXTEEN_IN_ROW) { return segment * 16u + 8u; }
  return segment * 8u + 64u;
}

// Slots beyond the last hold zeros, which change no largest magnitude of the slots there are, and are not put.
fn in_tile(slot : u32) -> bool {
  return !STAGE_RAGGED || slot < SLOTS;
}

// The row of A that slot `slot` holds a tile of, and where that tile begins, if the first of its row does at element k.
fn row_in_a(slot : u32, place : Place) -> u32 {
  return place.row + row_of_slot(slot / ROW_TILES);
}

fn start_of_tile(slot : u32, k : u32) -> u32 {
  return k + (slot % ROW_TILES) * 128u;
}

// Whether there is such a tile. The first of a row is within K, or would not be staged.
fn is_there(slot : u32, k : u32, place : Place) -> bool {
  let is_row = row_in_a(slot, place) < place.row_end;
  if (ROW_TILES == 1u) { return is_row; }
  return is_row && start_of_tile(slot, k) < place.end_step * SEGMENT;
}

// A thread's values of the tile in slot `slot`; zeros beyond the ends of the row, of the rows and of the slots.
fn sixteen_at(slot : u32, k : u32, place : Place, segment : u32) -> Sixteen {
  if (!in_tile(slot) || !is_there(slot, k, place)) { return Sixteen(); }
  let row = row_in_a(slot, place);
  let start = start_of_tile(slot, k);
  return Sixteen(plain_eight(row, start + col_of_left(segment)), plain_eight(row, start + col_of_right(segment)));
}

fn largest_of_sixteen(values : Sixteen) -> u32 {
  return largest_of_eight(larger_of_eights(magnitudes_of_eight(values.left), magnitudes_of_eight(values.right)));
}

// Puts a thread's codes in their place, where f32 arithmetic gives them: in the words' bytes those of the first eight
// values and then those of the others. Those of tiles that there are not are zeros.
fn put_native(slot : u32, k : u32, place : Place, segment : u32, factor : Factor, values : Sixteen) {
  if (!in_tile(slot)) { return; }
  let there = is_there(slot, k, place);
  if (there && factor.native == 0u) { return; }
  var words = vec4<u32>();
  if (there) {
    words = vec4<u32>(
      native_word(values.left.left, factor), native_word(values.left.right, factor),
      native_word(values.right.left, factor), native_word(values.right.right, factor),
    );
  }
  put_sixteen(slot, segment, words, k, place);
}

// The same where integers do.
fn put_exact(slot : u32, k : u32, place : Place, segment : u32, factor : Factor) {
  if (!in_tile(slot)) { return; }
  let there = is_there(slot, k, place);
  if (NATIVE && (factor.native == 1u || !there)) { return; }
  var words = vec4<u32>();
  if (there) {
    let row = row_in_a(slot, place);
    for (var quad = 0u; quad < 4u; quad++) {
      let col = select(col_of_left(segment), col_of_right(segment), quad >= 2u);
      let eight = plain_eight(row, start_of_tile(slot, k) + col);
      var four = eight.left;
      if (quad % 2u == 1u) { four = eight.right; }
      words[quad] = exact_word(four, factor);
    }
  }
  put_sixteen(slot, segment, words, k, place);
}

// The values of four codes as put_sixteen() is given them.
fn values_of_word(word : u32) -> vec4<f32> {
  return decode4(A_FORMAT, (vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}

// Eight values of a row of A in f32 bits, zeros beyond its end.
fn plain_eight(row : u32, col : u32) -> Eight {
  if (TILE_TAIL && col >= params.k) { return Eight(); }
  let at = row * params.a.word_pitch + col / select(1u, 2u, HALVES);
  var values = Eight();
  if (HALVES) {
    values = widened_eight(codes_at(A, at / 4u));
  } else {
    values = Eight(codes_at(A, at / 4u), codes_at(A, at / 4u + 1u));
  }
  if (!TILE_TAIL) { return values; }
  return first_of_eight(values, params.k - col);
}
