// D = A * transpose(B) (+ C) with the bits of a matrix instruction: the fast kernel for truncating profiles.
// Needs: operands.wgsl and what it needs, special.wgsl, aligned.wgsl, promote.wgsl, strip.wgsl, one of
// addend-*.wgsl, one of output-*.wgsl.
// Constants: those of aligned.wgsl and promote.wgsl; PRODUCTS of a step (8, 16 or 32); TILE_ROWS, TILE_COLS; SPLIT,
// whether K is accumulated in parts.
//
// Tile: TILE_ROWS x TILE_COLS of D a workgroup (64 x 64), 32 of K a round: the longest step. Threads: one to 4 x 8
// of D (128): each output needs four registers (accumulator, running sum, offset, powers), and 32 outputs are what
// fits beside the operands without spilling. Workgroup memory: 8 bytes for each of the 32 * (TILE_ROWS +
// TILE_COLS) operands, its value and its power, and 4 KiB for tables of both by code (36 KiB in all for 64 x 64).
// Decoding is a look-up, because it happens once for every 64 products.
//
// Operations a product: one multiply-add for the largest exponent; a multiplication, a logical operation and two
// additions for the truncated sum. Per step of 32 and output, about twenty more for units, starts and results: less
// than one a product. Loading, looking up and promoting are shared by enough products to add about another one.
//
// What needs more than that (a NaN or an infinity among the codes, a sum near f32's limits) is written as NaN, and
// stepwise.wgsl, run afterwards with REDO, computes strips with a NaN again.
const ROUND : u32 = 32u;
const QUADS : u32 = ROUND / 4u;
const SEGMENTS : u32 = ROUND / SEGMENT;
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS_Y : u32 = TILE_ROWS / 4u;
const THREADS : u32 = THREADS_X * THREADS_Y;
// Segments that a thread brings each round.
const A_SEGMENTS : u32 = TILE_ROWS * SEGMENTS / THREADS;
const B_SEGMENTS : u32 = TILE_COLS * SEGMENTS / THREADS;

// Number quad * TILE_ROWS + slot holds four consecutive k of a row; whole vectors are written, each by one thread. The
// rows of one thread's outputs lie THREADS_Y slots apart (columns THREADS_X), so that neighbouring threads read
// neighbouring vectors.
var<workgroup> a_value : array<vec4<f32>, QUADS * TILE_ROWS>;
var<workgroup> a_power : array<vec4<f32>, QUADS * TILE_ROWS>;
var<workgroup> b_value : array<vec4<f32>, QUADS * TILE_COLS>;
var<workgroup> b_power : array<vec4<f32>, QUADS * TILE_COLS>;
// Value and power by code.
var<workgroup> a_table : array<vec2<f32>, 256>;
var<workgroup> b_table : array<vec2<f32>, 256>;
// Rows of the tile's operands in which a NaN or an infinity was seen, a bit each.
var<workgroup> a_special : array<atomic<u32>, 2>;
var<workgroup> b_special : array<atomic<u32>, 2>;

// The power of NaN and infinity in the tables: 2^-126, which is no other operand's. It may spoil the sums that it is
// part of, which are computed again.
const SPECIAL_POWER : u32 = 1u << 23u;

// A code's value and power for the tables. NaN and infinity count as zero: what they are part of is computed again.
fn table_entry(f : Format, code : u32) -> vec2<f32> {
  let magnitude_bits = f.exponent_bits + f.mantissa_bits;
  let magnitude = code & ((1u << magnitude_bits) - 1u);
  if (is_special(f, code)) { return vec2<f32>(0.0, bitcast<f32>(SPECIAL_POWER)); }
  if (magnitude == 0u) { return vec2<f32>(); }
  // A subnormal keeps the exponent of the smallest normal.
  let exponent = max(i32(magnitude >> f.mantissa_bits), 1) - f.bias;
  return vec2<f32>(decode(f, code), bitcast<f32>(u32(4 * exponent + 127) << 23u));
}

fn any_special(powers : vec4<f32>) -> bool {
  return any(bitcast<vec4<u32>>(powers) == vec4<u32>(SPECIAL_POWER));
}

// One segment of A, number `unit` of the tile's, from the next round's registers into the tile.
fn fill_a(unit : u32, segment : Segment) {
  let row = unit % TILE_ROWS;
  let slot = (row % 4u) * THREADS_Y + row / 4u;
  for (var quad = 0u; quad < 4u; quad++) {
    let codes = segment_codes(A_FORMAT, segment, quad);
    let entries = transpose(mat4x2<f32>(a_table[codes.x], a_table[codes.y], a_table[codes.z], a_table[codes.w]));
    let at = ((unit / TILE_ROWS) * 4u + quad) * TILE_ROWS + slot;
    a_value[at] = entries[0];
    a_power[at] = entries[1];
    if (any_special(entries[1])) { atomicOr(&a_special[row / 32u], 1u << (row % 32u)); }
  }
}

fn fill_b(unit : u32, segment : Segment) {
  let col = unit % TILE_COLS;
  let slot = (col % 8u) * THREADS_X + col / 8u;
  for (var quad = 0u; quad < 4u; quad++) {
    let codes = segment_codes(B_FORMAT, segment, quad);
    let entries = transpose(mat4x2<f32>(b_table[codes.x], b_table[codes.y], b_table[codes.z], b_table[codes.w]));
    let at = ((unit / TILE_COLS) * 4u + quad) * TILE_COLS + slot;
    b_value[at] = entries[0];
    b_power[at] = entries[1];
    if (any_special(entries[1])) { atomicOr(&b_special[col / 32u], 1u << (col % 32u)); }
  }
}

// A round's segment of the tile's rows: the last row's for rows beyond it, whose results nobody reads.
fn fetch(side : u32, f : Format, tile_rows : u32, first_row : u32, unit : u32, round : u32) -> Segment {
  let row = min(first_row + unit % tile_rows, operand_of(side).rows - 1u);
  return read_segment(side, f, row, round * SEGMENTS + unit / tile_rows);
}

// Four rows' operands at four consecutive k, a vector of rows for each k.
fn four_rows(r0 : vec4<f32>, r1 : vec4<f32>, r2 : vec4<f32>, r3 : vec4<f32>) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(r0, r1, r2, r3));
}

fn a_values(quad : u32, y : u32) -> mat4x4<f32> {
  let at = quad * TILE_ROWS + y;
  return four_rows(a_value[at], a_value[at + THREADS_Y], a_value[at + 2u * THREADS_Y], a_value[at + 3u * THREADS_Y]);
}

fn a_powers(quad : u32, y : u32) -> mat4x4<f32> {
  let at = quad * TILE_ROWS + y;
  return four_rows(a_power[at], a_power[at + THREADS_Y], a_power[at + 2u * THREADS_Y], a_power[at + 3u * THREADS_Y]);
}

// Of the four columns from the thread's column `first` (0 or 4) on.
fn b_values(quad : u32, x : u32, first : u32) -> mat4x4<f32> {
  let at = quad * TILE_COLS + first * THREADS_X + x;
  return four_rows(b_value[at], b_value[at + THREADS_X], b_value[at + 2u * THREADS_X], b_value[at + 3u * THREADS_X]);
}

fn b_powers(quad : u32, x : u32, first : u32) -> mat4x4<f32> {
  let at = quad * TILE_COLS + first * THREADS_X + x;
  return four_rows(b_power[at], b_power[at + THREADS_X], b_power[at + 2u * THREADS_X], b_power[at + 3u * THREADS_X]);
}

// The scales of four rows at element k of K; the last row's for rows beyond it.
fn scales4(side : u32, row : u32, k : u32) -> vec4<f32> {
  let last = operand_of(side).rows - 1u;
  var scales = vec4<f32>();
  for (var i = 0u; i < 4u; i++) { scales[i] = scale_at(side, min(row + i, last), k); }
  return scales;
}

// Finishes a row of a thread's outputs and writes it, or NaN if it has to be computed again.
fn store_row(row : u32, col : u32, sums : Strip, redo : bool) {
  if (row >= params.a.rows) { return; }
  let index = row * params.pitch + col;
  let finished = add_addend(index, sums);
  // Not a constant, which would be an error.
  let nan = vec4<f32>(bitcast<f32>(select(0u, F32_NAN, redo)));
  store_output(index, Strip(select(finished.left, nan, redo), select(finished.right, nan, redo)));
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (tile >= params.end_tile) { return; }
  let tile_row = (tile / params.tile_cols) * TILE_ROWS;
  let tile_col = (tile % params.tile_cols) * TILE_COLS;
  for (var code = thread; code < 256u; code += THREADS) {
    a_table[code] = table_entry(A_FORMAT, code);
    b_table[code] = table_entry(B_FORMAT, code);
  }

  // This thread's outputs: four rows from `row` on, eight columns from `col` on.
  let x = thread % THREADS_X;
  let y = thread / THREADS_X;
  let row = tile_row + y * 4u;
  let col = tile_col + x * 8u;
  var total = Outputs();
  var acc = Outputs();
  var sum = Outputs();
  // Whether a promotion came near f32's limits.
  var beyond = false;

  let rounds = (params.steps + SEGMENTS - 1u) / SEGMENTS;
  var a_next = array<Segment, A_SEGMENTS>();
  var b_next = array<Segment, B_SEGMENTS>();
  for (var i = 0u; i < A_SEGMENTS; i++) {
    a_next[i] = fetch(A, A_FORMAT, TILE_ROWS, tile_row, i * THREADS + thread, 0u);
  }
  for (var i = 0u; i < B_SEGMENTS; i++) {
    b_next[i] = fetch(B, B_FORMAT, TILE_COLS, tile_col, i * THREADS + thread, 0u);
  }
  for (var round = 0u; round < rounds; round++) {
    workgroupBarrier();
    for (var i = 0u; i < A_SEGMENTS; i++) { fill_a(i * THREADS + thread, a_next[i]); }
    for (var i = 0u; i < B_SEGMENTS; i++) { fill_b(i * THREADS + thread, b_next[i]); }
    workgroupBarrier();
    // The next round's codes are on their way while this round computes.
    if (round + 1u < rounds) {
      for (var i = 0u; i < A_SEGMENTS; i++) {
        a_next[i] = fetch(A, A_FORMAT, TILE_ROWS, tile_row, i * THREADS + thread, round + 1u);
      }
      for (var i = 0u; i < B_SEGMENTS; i++) {
        b_next[i] = fetch(B, B_FORMAT, TILE_COLS, tile_col, i * THREADS + thread, round + 1u);
      }
    }

    for (var first = 0u; first < QUADS; first += PRODUCTS / 4u) {
      // Largest exponents.
      var powers = Outputs();
      for (var pair = first; pair < first + PRODUCTS / 4u; pair += 2u) {
        var eight = Outputs();
        for (var quad = pair; quad < pair + 2u; quad++) {
          let a = a_powers(quad, y);
          let left = b_powers(quad, x, 0u);
          let right = b_powers(quad, x, 4u);
          eight = add_powers(eight, a[0], left[0], right[0]);
          eight = add_powers(eight, a[1], left[1], right[1]);
          eight = add_powers(eight, a[2], left[2], right[2]);
          eight = add_powers(eight, a[3], left[3], right[3]);
        }
        powers = larger(powers, eight);
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
    let done = min((round + 1u) * SEGMENTS, params.steps);
    if (done == params.steps || done % params.promotion_steps == 0u) {
      // The round's first element is inside K, where scales exist.
      let k = round * ROUND;
      let a_scales = scales4(A, row, k);
      let left_scales = scales4(B, col, k);
      let right_scales = scales4(B, col + 4u, k);
      let promoted = promote_outputs(acc, sum, a_scales, left_scales, right_scales);
      beyond = beyond || !promotes_outputs(acc, sum, a_scales, left_scales, right_scales, promoted);
      acc = promoted;
      sum = Outputs();
    }
    if (SPLIT && (done == params.steps || done % params.split_steps == 0u)) {
      if (done <= params.split_steps) {
        total = acc;
      } else {
        total = sum_outputs(total, acc);
        beyond = beyond || !within_outputs(total);
      }
      acc = Outputs();
    }
  }

  if (row < params.a.rows && col < params.b.rows) {
    if (SPLIT) { acc = total; }
    let rows_special = (atomicLoad(&a_special[y / 8u]) >> (y % 8u * 4u)) & 15u;
    let cols_special = (atomicLoad(&b_special[x / 4u]) >> (x % 4u * 8u)) & 255u;
    let redo = beyond || (rows_special | cols_special) != 0u;
    store_row(row, col, Strip(acc.left0, acc.right0), redo);
    store_row(row + 1u, col, Strip(acc.left1, acc.right1), redo);
    store_row(row + 2u, col, Strip(acc.left2, acc.right2), redo);
    store_row(row + 3u, col, Strip(acc.left3, acc.right3), redo);
  }
}
