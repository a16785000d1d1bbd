// D = A * transpose(B) (+ C) with the bits of a matrix instruction: the fast kernel for truncating profiles.
// Needs: operands.wgsl and what it needs, code-at.wgsl, special.wgsl, aligned.wgsl, promote.wgsl, strip.wgsl, one of
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
// Operations a product: one multiply-add for the largest exponent; a multiply-add, an exclusive or and an addition
// for the truncated sum. Per step of 32 and output, about thirty more for units, starts and results, one a product.
// Loading, promoting and looking up are shared by enough products to add about another half.
//
// What needs more than that (a NaN or an infinity among the codes, a sum near f32's limits) is written as NaN, and
// stepwise.wgsl, run afterwards with REDO, computes strips with a NaN again.
const ROUND : u32 = 32u;
const QUADS : u32 = ROUND / 4u;
const ROWS4 : u32 = TILE_ROWS / 4u;
const COLS4 : u32 = TILE_COLS / 4u;
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS : u32 = THREADS_X * ROWS4;

// Number k * ROWS4 + r holds four rows from 4r on at one k; whole vectors are written, each by one thread.
var<workgroup> a_value : array<vec4<f32>, ROUND * ROWS4>;
var<workgroup> a_power : array<vec4<f32>, ROUND * ROWS4>;
var<workgroup> b_value : array<vec4<f32>, ROUND * COLS4>;
var<workgroup> b_power : array<vec4<f32>, ROUND * COLS4>;
// Value and power by code.
var<workgroup> a_table : array<vec2<f32>, 256>;
var<workgroup> b_table : array<vec2<f32>, 256>;
// Rows of the tile's operands in which a NaN or an infinity was seen, a bit each.
var<workgroup> a_special : array<atomic<u32>, 2>;
var<workgroup> b_special : array<atomic<u32>, 2>;

// A code's value and power for the tables; NaN and infinity count as zero: what they are part of is computed again.
fn table_entry(f : Format, code : u32) -> vec2<f32> {
  let magnitude_bits = f.exponent_bits + f.mantissa_bits;
  let magnitude = code & ((1u << magnitude_bits) - 1u);
  if (magnitude == 0u || is_special(f, code)) { return vec2<f32>(); }
  // A subnormal keeps the exponent of the smallest normal.
  let exponent = max(i32(magnitude >> f.mantissa_bits), 1) - f.bias;
  return vec2<f32>(decode(f, code), bitcast<f32>(u32(4 * exponent + 127) << 23u));
}

// Codes 4 * quad to 4 * quad + 3 of four rows from `row` on: a row a component, a code a byte.
fn codes4x4(side : u32, f : Format, row : u32, quad : u32) -> vec4<u32> {
  var codes = vec4<u32>();
  for (var i = 0u; i < 4u; i++) {
    let base = row_base(side, row + i);
    if (code_width(f) == 8u) {
      codes[i] = word_at(side, base + quad);
    } else {
      for (var k = 0u; k < 4u; k++) { codes[i] |= code_at(side, f, base, quad * 4u + k) << (8u * k); }
    }
  }
  return codes;
}

fn any_special(f : Format, codes : vec4<u32>) -> bool {
  return is_special(f, codes.x) || is_special(f, codes.y) || is_special(f, codes.z) || is_special(f, codes.w);
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

  let rounds = (params.steps + 1u) / 2u;
  for (var round = 0u; round < rounds; round++) {
    workgroupBarrier();
    for (var unit = thread; unit < ROWS4 * QUADS; unit += THREADS) {
      let rows = unit % ROWS4;
      let packed = codes4x4(A, A_FORMAT, tile_row + rows * 4u, round * QUADS + unit / ROWS4);
      for (var k = 0u; k < 4u; k++) {
        let codes = (packed >> vec4<u32>(8u * k)) & vec4<u32>(255u);
        if (any_special(A_FORMAT, codes)) { atomicOr(&a_special[rows / 8u], 15u << (rows % 8u * 4u)); }
        let entries = transpose(mat4x2<f32>(a_table[codes.x], a_table[codes.y], a_table[codes.z], a_table[codes.w]));
        let at = ((unit / ROWS4) * 4u + k) * ROWS4 + rows;
        a_value[at] = entries[0];
        a_power[at] = entries[1];
      }
    }
    for (var unit = thread; unit < COLS4 * QUADS; unit += THREADS) {
      let cols = unit % COLS4;
      // A thread's two groups of four lie THREADS_X apart, so that neighbouring threads read neighbouring vectors.
      let slot = cols / 2u + (cols % 2u) * THREADS_X;
      let packed = codes4x4(B, B_FORMAT, tile_col + cols * 4u, round * QUADS + unit / COLS4);
      for (var k = 0u; k < 4u; k++) {
        let codes = (packed >> vec4<u32>(8u * k)) & vec4<u32>(255u);
        if (any_special(B_FORMAT, codes)) { atomicOr(&b_special[cols / 8u], 15u << (cols % 8u * 4u)); }
        let entries = transpose(mat4x2<f32>(b_table[codes.x], b_table[codes.y], b_table[codes.z], b_table[codes.w]));
        let at = ((unit / COLS4) * 4u + k) * COLS4 + slot;
        b_value[at] = entries[0];
        b_power[at] = entries[1];
      }
    }
    workgroupBarrier();

    for (var first = 0u; first < ROUND; first += PRODUCTS) {
      // Largest exponents.
      var powers = Outputs();
      for (var group = first; group < first + PRODUCTS; group += 8u) {
        var eight = Outputs();
        for (var k = group; k < group + 8u; k++) {
          let b = k * COLS4 + x;
          eight = add_powers(eight, a_power[k * ROWS4 + y], b_power[b], b_power[b + THREADS_X]);
        }
        powers = larger(powers, eight);
      }
      let units = units_of(powers, sum);
      let offsets = offsets_of(units);
      sum = starts_of(units, sum);
      // Truncated products.
      for (var k = first; k < first + PRODUCTS; k++) {
        let b = k * COLS4 + x;
        sum = add_products(sum, a_value[k * ROWS4 + y], b_value[b], b_value[b + THREADS_X], offsets);
      }
      sum = results_of(sum, offsets);
    }

    // `steps` count 16 of K.
    let done = min(round * 2u + 2u, params.steps);
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
