// D = A * transpose(B) (+ C) with the bits of a matrix instruction: the fast kernel for truncating profiles.
// Needs: operands.wgsl and what it needs, code-at.wgsl, aligned.wgsl, specials.wgsl, promote.wgsl and what they
// need, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl.
// Constants: those of aligned.wgsl and promote.wgsl; PRODUCTS of a step (8, 16 or 32); TILE_ROWS, TILE_COLS.
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
// Not 0 if a NaN or an infinity is among the round's operands.
var<workgroup> round_special : atomic<u32>;

// A code's value and power for the tables; NaN and infinity count as zero here and are special.wgsl's.
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
  let magnitude = codes & vec4<u32>((1u << (f.exponent_bits + f.mantissa_bits)) - 1u);
  let nan = codes == vec4<u32>(f.nan_code);
  return any((magnitude > vec4<u32>(f.max_code)) | (nan & vec4<bool>(f.nan_is_negative_zero == 1u)));
}

// One product into one output's sum, four outputs at once: see aligned.wgsl.
fn add_product(sum : vec4<f32>, a : f32, a_sign : u32, b : vec4<f32>, b_sign : vec4<u32>, offset : vec4<f32>) -> vec4<f32> {
  let magnitude = fma(vec4<f32>(a), b, -offset);
  return sum + bitcast<vec4<f32>>(bitcast<vec4<u32>>(magnitude) ^ vec4<u32>(a_sign) ^ b_sign);
}

// The scales of four rows at element k of K; the last row's for rows beyond it.
fn scales4(side : u32, row : u32, k : u32) -> vec4<f32> {
  let last = operand_of(side).rows - 1u;
  var scales = vec4<f32>();
  for (var i = 0u; i < 4u; i++) { scales[i] = scale_at(side, min(row + i, last), k); }
  return scales;
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

  // This thread's outputs: four rows, eight columns; part 2i + j holds row i, columns 4j to 4j + 3.
  let x = thread % THREADS_X;
  let y = thread / THREADS_X;
  let row = tile_row + y * 4u;
  let col = tile_col + x * 8u;
  var total = array<vec4<f32>, 8>();
  var acc = array<vec4<f32>, 8>();
  var sum = array<vec4<f32>, 8>();
  // Which outputs' partial sums a NaN or an infinity has reached.
  var specials = Specials();

  let rounds = (params.steps + 1u) / 2u;
  for (var round = 0u; round < rounds; round++) {
    if (thread == 0u) { atomicStore(&round_special, 0u); }
    workgroupBarrier();
    for (var unit = thread; unit < ROWS4 * QUADS; unit += THREADS) {
      let rows = unit % ROWS4;
      let packed = codes4x4(A, A_FORMAT, tile_row + rows * 4u, round * QUADS + unit / ROWS4);
      for (var k = 0u; k < 4u; k++) {
        let codes = (packed >> vec4<u32>(8u * k)) & vec4<u32>(255u);
        if (any_special(A_FORMAT, codes)) { atomicStore(&round_special, 1u); }
        let entries = transpose(mat4x2<f32>(a_table[codes.x], a_table[codes.y], a_table[codes.z], a_table[codes.w]));
        let at = ((unit / ROWS4) * 4u + k) * ROWS4 + rows;
        a_value[at] = entries[0];
        a_power[at] = entries[1];
      }
    }
    for (var unit = thread; unit < COLS4 * QUADS; unit += THREADS) {
      let cols = unit % COLS4;
      let packed = codes4x4(B, B_FORMAT, tile_col + cols * 4u, round * QUADS + unit / COLS4);
      for (var k = 0u; k < 4u; k++) {
        let codes = (packed >> vec4<u32>(8u * k)) & vec4<u32>(255u);
        if (any_special(B_FORMAT, codes)) { atomicStore(&round_special, 1u); }
        let entries = transpose(mat4x2<f32>(b_table[codes.x], b_table[codes.y], b_table[codes.z], b_table[codes.w]));
        let at = ((unit / COLS4) * 4u + k) * COLS4 + cols;
        b_value[at] = entries[0];
        b_power[at] = entries[1];
      }
    }
    workgroupBarrier();

    for (var step = 0u; step < ROUND / PRODUCTS; step++) {
      let first = step * PRODUCTS;
      // Largest exponents.
      var powers = array<vec4<f32>, 8>();
      for (var group = first; group < first + PRODUCTS; group += 8u) {
        var eight = array<vec4<f32>, 8>();
        for (var k = group; k < group + 8u; k++) {
          let a = a_power[k * ROWS4 + y];
          let left = b_power[k * COLS4 + x * 2u];
          let right = b_power[k * COLS4 + x * 2u + 1u];
          for (var i = 0u; i < 4u; i++) {
            eight[2u * i] = fma(vec4<f32>(a[i]), left, eight[2u * i]);
            eight[2u * i + 1u] = fma(vec4<f32>(a[i]), right, eight[2u * i + 1u]);
          }
        }
        for (var i = 0u; i < 8u; i++) { powers[i] = max(powers[i], eight[i]); }
      }
      // From here on `powers` holds the offsets that follow from them.
      for (var i = 0u; i < 8u; i++) {
        let unit = unit_bits(powers[i], sum[i]);
        sum[i] = aligned_start(unit, sum[i]);
        powers[i] = truncation_offset(unit);
      }
      // Truncated products.
      for (var k = first; k < first + PRODUCTS; k++) {
        let a = a_value[k * ROWS4 + y];
        let left = b_value[k * COLS4 + x * 2u];
        let right = b_value[k * COLS4 + x * 2u + 1u];
        let a_size = abs(a);
        let a_sign = bitcast<vec4<u32>>(a) & vec4<u32>(F32_SIGN);
        let left_size = abs(left);
        let right_size = abs(right);
        let left_sign = bitcast<vec4<u32>>(left) & vec4<u32>(F32_SIGN);
        let right_sign = bitcast<vec4<u32>>(right) & vec4<u32>(F32_SIGN);
        for (var i = 0u; i < 4u; i++) {
          let j = 2u * i;
          sum[j] = add_product(sum[j], a_size[i], a_sign[i], left_size, left_sign, powers[j]);
          sum[j + 1u] = add_product(sum[j + 1u], a_size[i], a_sign[i], right_size, right_sign, powers[j + 1u]);
        }
      }
      for (var i = 0u; i < 8u; i++) { sum[i] = aligned_result(sum[i], powers[i]); }
    }
    if (workgroupUniformLoad(&round_special) != 0u) {
      specials = find_specials(specials, row, col, round * ROUND);
    }

    // `steps` count 16 of K.
    let done = min(round * 2u + 2u, params.steps);
    if (done == params.steps || done % params.promotion_steps == 0u) {
      // The round's first element is inside K, where scales exist.
      let k = round * ROUND;
      let b_scales = array<vec4<f32>, 2>(scales4(B, col, k), scales4(B, col + 4u, k));
      let a_scales = scales4(A, row, k);
      for (var j = 0u; j < 8u; j++) {
        acc[j] = promote(acc[j], sum[j], a_scales[j / 2u], b_scales[j % 2u], specials, j * 4u);
        sum[j] = vec4<f32>();
      }
      specials = Specials();
    }
    if (SPLIT && (done == params.steps || done % params.split_steps == 0u)) {
      for (var i = 0u; i < 8u; i++) {
        total[i] = select(add_f32(total[i], acc[i]), acc[i], done <= params.split_steps);
        acc[i] = vec4<f32>();
      }
    }
  }

  if (row < params.a.rows && col < params.b.rows) {
    for (var i = 0u; i < min(4u, params.a.rows - row); i++) {
      let index = (row + i) * params.pitch + col;
      let left = select(acc[2u * i], total[2u * i], SPLIT);
      let right = select(acc[2u * i + 1u], total[2u * i + 1u], SPLIT);
      store_output(index, add_addend(index, Strip(left, right)));
    }
  }
}
