// Plain values of A quantised on their way into workgroup memory: 1 x 128 of a row at a time they become the codes and
// scales that quantising them first would have given. Needs: operands.wgsl and what it needs, place.wgsl, the arithmetic
// shaders, scale.wgsl, encode-words.wgsl, eight.wgsl, plain-eight.wgsl; of the kernel TILE_ROWS, THREADS,
// row_of_slot(slot), put_sixteen(slot, segment, words), which writes what put_sixteen() is given below, and SIXTEEN_IN_ROW
// (whether a thread's sixteen values are consecutive). Constants: those of scale.wgsl, encode-words.wgsl (FORMAT is A's,
// of at most 8 bits) and plain-eight.wgsl; TILE_TAIL (the last tile of a row may have fewer than 128 values).
//
// Tile: 128 of K of all the tile's rows, because a scale follows from all of its tile. Threads: the kernel's, eight to a
// row, each with 16 of its values. Workgroup memory: 20 * TILE_ROWS bytes of largest magnitudes, factors and scales, and
// what the kernel puts the codes into.
//
// A turn is what all threads hold at once, one row of eight threads each; four turns are read before the first of them
// is waited for, and share two barriers. That takes 64 registers, as many as a kernel's sums, and no more are to be had
// of 255: of a tile with more turns (32 x 64 outputs by 32 threads has eight) the four next ones follow. Values are read
// once by each workgroup, but for those of a tile whose magnitudes are too small or too large for f32 arithmetic, or of
// an adapter whose arithmetic is not known to round to nearest even: these are read again, in a loop, so that the
// hundreds of instructions that encode in integers are there once and not sixteen times.
const STAGE_ROWS : u32 = THREADS / 8u;
const TURNS : u32 = (TILE_ROWS + STAGE_ROWS - 1u) / STAGE_ROWS;
const BATCH_TURNS : u32 = min(TURNS, 4u);
const BATCH_ROWS : u32 = BATCH_TURNS * STAGE_ROWS;
const_assert TURNS % BATCH_TURNS == 0u;
// Rows from a thread's first to its others, of turns that there are.
const ROWS_TO_1 : u32 = min(1u, BATCH_TURNS - 1u) * STAGE_ROWS;
const ROWS_TO_2 : u32 = min(2u, BATCH_TURNS - 1u) * STAGE_ROWS;
const ROWS_TO_3 : u32 = min(3u, BATCH_TURNS - 1u) * STAGE_ROWS;
// Whether some threads have no row.
const STAGE_RAGGED : bool = TILE_ROWS % STAGE_ROWS != 0u;

var<workgroup> row_amax : array<atomic<u32>, TILE_ROWS>;
var<workgroup> row_factor : array<Factor, TILE_ROWS>;
var<workgroup> row_scale : array<f32, TILE_ROWS>;

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

// The tiles of A that begin at element k, a multiple of 128. Ends with a barrier due: the caller's.
fn stage_tiles(k : u32, place : Place, thread : u32) {
  // The thread's number is within this bound; that the compiler knows spares a check of each index.
  let t = min(thread, THREADS - 1u);
  for (var batch = 0u; batch < TURNS / BATCH_TURNS; batch++) {
    let slot = batch * BATCH_ROWS + t / 8u;
    var values = Batch();
    values.t0 = sixteen_at(slot, k, place, t % 8u);
    if (BATCH_TURNS > 1u) { values.t1 = sixteen_at(slot + ROWS_TO_1, k, place, t % 8u); }
    if (BATCH_TURNS > 2u) {
      values.t2 = sixteen_at(slot + ROWS_TO_2, k, place, t % 8u);
      values.t3 = sixteen_at(slot + ROWS_TO_3, k, place, t % 8u);
    }
    atomicMax(&row_amax[slot], largest_of_sixteen(values.t0));
    if (BATCH_TURNS > 1u) { atomicMax(&row_amax[slot + ROWS_TO_1], largest_of_sixteen(values.t1)); }
    if (BATCH_TURNS > 2u) {
      atomicMax(&row_amax[slot + ROWS_TO_2], largest_of_sixteen(values.t2));
      atomicMax(&row_amax[slot + ROWS_TO_3], largest_of_sixteen(values.t3));
    }
    workgroupBarrier();

    // A thread to a row; the largest magnitude goes back to zero for the next tile.
    let own = batch * BATCH_ROWS + t % BATCH_ROWS;
    if (t < BATCH_ROWS && in_tile(own)) {
      let amax = max(atomicExchange(&row_amax[own], 0u), AMAX_FLOOR);
      let scale = scale_bits(amax);
      row_factor[own] = factor_of(amax, factor_bits(amax, scale));
      row_scale[own] = bitcast<f32>(scale);
    }
    workgroupBarrier();

    if (NATIVE) {
      put_native(slot, place, t % 8u, row_factor[slot], values.t0);
      if (BATCH_TURNS > 1u) {
        put_native(slot + ROWS_TO_1, place, t % 8u, row_factor[slot + ROWS_TO_1], values.t1);
      }
      if (BATCH_TURNS > 2u) {
        put_native(slot + ROWS_TO_2, place, t % 8u, row_factor[slot + ROWS_TO_2], values.t2);
        put_native(slot + ROWS_TO_3, place, t % 8u, row_factor[slot + ROWS_TO_3], values.t3);
      }
    }
    for (var turn = 0u; turn < BATCH_TURNS; turn++) {
      put_exact(slot + turn * STAGE_ROWS, k, place, t % 8u, row_factor[slot + turn * STAGE_ROWS]);
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

// Slots beyond the tile hold zeros, which change nothing where an index is held to the last row, and are not put.
fn in_tile(slot : u32) -> bool {
  return !STAGE_RAGGED || slot < TILE_ROWS;
}

// A thread's values of the row in slot `slot`; zeros beyond the ends of the row, of the rows and of the tile.
fn sixteen_at(slot : u32, k : u32, place : Place, segment : u32) -> Sixteen {
  let row = place.row + row_of_slot(slot);
  if (!in_tile(slot) || row >= place.row_end) { return Sixteen(); }
  return Sixteen(plain_eight(row, k + col_of_left(segment)), plain_eight(row, k + col_of_right(segment)));
}

fn largest_of_sixteen(values : Sixteen) -> u32 {
  return largest_of_eight(larger_of_eights(magnitudes_of_eight(values.left), magnitudes_of_eight(values.right)));
}

// Puts a thread's codes in their place, where f32 arithmetic gives them: in the words' bytes those of the first eight
// values and then those of the others. Those of rows that there are not are zeros.
fn put_native(slot : u32, place : Place, segment : u32, factor : Factor, values : Sixteen) {
  if (!in_tile(slot)) { return; }
  let is_row = place.row + row_of_slot(slot) < place.row_end;
  if (is_row && factor.native == 0u) { return; }
  var words = vec4<u32>();
  if (is_row) {
    words = vec4<u32>(
      native_word(values.left.left, factor), native_word(values.left.right, factor),
      native_word(values.right.left, factor), native_word(values.right.right, factor),
    );
  }
  put_sixteen(slot, segment, words);
}

// The same where integers do.
fn put_exact(slot : u32, k : u32, place : Place, segment : u32, factor : Factor) {
  if (!in_tile(slot)) { return; }
  let row = place.row + row_of_slot(slot);
  let is_row = row < place.row_end;
  if (NATIVE && (factor.native == 1u || !is_row)) { return; }
  var words = vec4<u32>();
  if (is_row) {
    for (var quad = 0u; quad < 4u; quad++) {
      let col = select(col_of_left(segment), col_of_right(segment), quad >= 2u);
      let eight = plain_eight(row, k + col);
      var four = eight.left;
      if (quad % 2u == 1u) { four = eight.right; }
      words[quad] = exact_word(four, factor);
    }
  }
  put_sixteen(slot, segment, words);
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
