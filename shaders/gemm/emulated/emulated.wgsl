// D = A * transpose(B) (+ C) with the bits of a matrix instruction: the fast kernel for truncating profiles. Needs:
// operands.wgsl and what it needs, place.wgsl, one of place-*.wgsl, emulated-tile.wgsl, special.wgsl, aligned.wgsl,
// promote.wgsl, outputs4x8.wgsl, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants: those of
// aligned.wgsl and promote.wgsl; PRODUCTS of a step (8, 16 or 32); TILE_ROWS, TILE_COLS; SPLIT, whether K is
// accumulated in parts.
//
// Tile: TILE_ROWS x TILE_COLS of D a workgroup (64 x 64), 32 of K a round: the longest step. Threads: one to 4 x 8 of D
// (128): each output needs four registers (accumulator, running sum, offset, powers), and 32 outputs are what fits
// beside the operands without spilling. Workgroup memory (emulated-tile.wgsl): 4 bytes for each of the 32 * (TILE_ROWS
// + TILE_COLS) operands, its value and its power, and 2 KiB for tables of both by code (18 KiB in all for 64 x 64, so
// that two workgroups share a core). Decoding is a look-up, because it happens once for every 64 products.
//
// Operations a product: one multiply-add for the largest exponent; a multiplication, a logical operation and two
// additions for the truncated sum. Per step of 32 and output, about twenty more for units, starts and results: less
// than one a product. Loading, looking up and promoting are shared by enough products to add about another one.
//
// What needs more than that (a NaN or an infinity among the codes, a sum near f32's limits) is written as NaN, and
// stepwise.wgsl, run afterwards with REDO, computes strips with a NaN again.

// The scales of four rows at element k of K; the last row's for rows beyond it.
fn scales4(side : u32, row : u32, k : u32) -> vec4<f32> {
  let last = operand_of(side).rows - 1u;
  var scales = vec4<f32>();
  for (var i = 0u; i < 4u; i++) { scales[i] = scale_at(side, min(row + i, last), k); }
  return scales;
}

// Finishes a row of a thread's outputs and writes it, or NaN if it has to be computed again.
fn store_row(place : Place, row : u32, col : u32, sums : Strip, redo : bool) {
  if (row >= place.row_end) { return; }
  let index = place.offset + row * params.pitch + col;
  let finished = add_addend(index, sums);
  // Not a constant, which would be an error.
  let nan = vec4<f32>(bitcast<f32>(select(0u, F32_NAN, redo)));
  store_output(index, Strip(select(finished.left, nan, redo), select(finished.right, nan, redo)));
}

// Powers of four consecutive k, added up.
fn add_quad(quad : u32, x : u32, y : u32, sums : Outputs) -> Outputs {
  let a = a_powers(quad, y);
  let left = b_powers(quad, x, 0u);
  let right = b_powers(quad, x, 4u);
  var added = add_powers(sums, a[0], left[0], right[0]);
  added = add_powers(added, a[1], left[1], right[1]);
  added = add_powers(added, a[2], left[2], right[2]);
  return add_powers(added, a[3], left[3], right[3]);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (tile >= params.end_tile) { return; }
  let place = place_of(tile, TILE_ROWS, TILE_COLS);
  if (place.row >= place.row_end) { return; }
  for (var code = thread; code < 256u; code += THREADS) {
    a_table[code] = table_entry(A_FORMAT, code);
    b_table[code] = table_entry(B_FORMAT, code);
  }

  // This thread's outputs: four rows from `row` on, eight columns from `col` on. Neighbouring threads alternate between
  // two rows, so that half of them at once read few different words.
  let x = (thread / 2u) % THREADS_X;
  let y = thread % 2u + thread / (2u * THREADS_X) * 2u;
  let row = place.row + y * 4u;
  let col = place.col + x * 8u;
  var total = Outputs();
  var acc = Outputs();
  var sum = Outputs();
  // Whether a promotion came near f32's limits.
  var beyond = false;

  let steps = place.end_step - place.first_step;
  let rounds = (steps + SEGMENTS - 1u) / SEGMENTS;
  var a_next = array<Segment, A_SEGMENTS>();
  var b_next = array<Segment, B_SEGMENTS>();
  for (var i = 0u; i < A_SEGMENTS; i++) {
    a_next[i] = fetch(A, A_FORMAT, TILE_ROWS, place.row, i * THREADS + thread, place.first_step);
  }
  for (var i = 0u; i < B_SEGMENTS; i++) {
    b_next[i] = fetch(B, B_FORMAT, TILE_COLS, place.b_row + place.col, i * THREADS + thread, place.first_step);
  }
  for (var round = 0u; round < rounds; round++) {
    workgroupBarrier();
    for (var i = 0u; i < A_SEGMENTS; i++) { fill_a(i * THREADS + thread, a_next[i]); }
    for (var i = 0u; i < B_SEGMENTS; i++) { fill_b(i * THREADS + thread, b_next[i]); }
    workgroupBarrier();
    // The next round's codes are on their way while this round computes.
    if (round + 1u < rounds) {
      let next = place.first_step + (round + 1u) * SEGMENTS;
      for (var i = 0u; i < A_SEGMENTS; i++) {
        a_next[i] = fetch(A, A_FORMAT, TILE_ROWS, place.row, i * THREADS + thread, next);
      }
      for (var i = 0u; i < B_SEGMENTS; i++) {
        b_next[i] = fetch(B, B_FORMAT, TILE_COLS, place.b_row + place.col, i * THREADS + thread, next);
      }
    }

    for (var first = 0u; first < QUADS; first += PRODUCTS / 4u) {
      // Largest exponents.
      var powers = Outputs();
      for (var pair = first; pair < first + PRODUCTS / 4u; pair += 2u) {
        powers = larger(powers, add_quad(pair + 1u, x, y, add_quad(pair, x, y, Outputs())));
      }
      let units = units_of(powers, sum);
      let offsets = offsets_of(units);
      sum = starts_of(units, sum);
      // Truncated products.
      for (var quad = first; quad < first + PRODUCTS / 4u; quad++) {
        let a = a_values(quad, y);
        let left = b_values(quad, x, 0u);
        let right = b_values(quad, x, 4u);
        sum = add_products(sum, a[0], left[0], right[0], offsets);
        sum = add_products(sum, a[1], left[1], right[1], offsets);
        sum = add_products(sum, a[2], left[2], right[2], offsets);
        sum = add_products(sum, a[3], left[3], right[3], offsets);
      }
      sum = results_of(sum, offsets);
    }

    // `steps` count 16 of K.
    let done = min((round + 1u) * SEGMENTS, steps);
    if (done == steps || done % params.promotion_steps == 0u) {
      // The round's first element is inside K, where scales exist.
      let k = place.first_step * SEGMENT + round * ROUND;
      let a_scales = scales4(A, row, k);
      let left_scales = scales4(B, place.b_row + col, k);
      let right_scales = scales4(B, place.b_row + col + 4u, k);
      let promoted = promote_outputs(acc, sum, a_scales, left_scales, right_scales);
      beyond = beyond || !promotes_outputs(acc, sum, a_scales, left_scales, right_scales, promoted);
      acc = promoted;
      sum = Outputs();
    }
    if (SPLIT && (done == steps || done % params.split_steps == 0u)) {
      if (done <= params.split_steps) {
        total = acc;
      } else {
        total = sum_outputs(total, acc);
        beyond = beyond || !within_outputs(total);
      }
      acc = Outputs();
    }
  }

  if (row < place.row_end && col < place.col_end) {
    if (SPLIT) { acc = total; }
    let rows_special = (atomicLoad(&a_special[y / 8u]) >> (y % 8u * 4u)) & 15u;
    let cols_special = (atomicLoad(&b_special[x / 4u]) >> (x % 4u * 8u)) & 255u;
    let redo = beyond || (rows_special | cols_special) != 0u;
    store_row(place, row, col, Strip(acc.left0, acc.right0), redo);
    store_row(place, row + 1u, col, Strip(acc.left1, acc.right1), redo);
    store_row(place, row + 2u, col, Strip(acc.left2, acc.right2), redo);
    store_row(place, row + 3u, col, Strip(acc.left3, acc.right3), redo);
  }
}
