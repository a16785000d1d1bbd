// The operands of D = A * transpose(B) as quantised matrices in storage, and the way from their packed codes and scales
// to f32 values. Needs: format.wgsl, decode.wgsl, decode4.wgsl, pack.wgsl. Constants: A_FORMAT, B_FORMAT; A_E8M0,
// B_E8M0 (an operand's scales are e8m0 codes, four to a word, not f32 bits); E8M0 (that format); these are constants
// because a branch between loads keeps a compiler from asking for them together. A_TELLS_NAN, B_TELLS_NAN (an operand's
// NaN codes are only where its scale is NaN or infinite, and an infinite scale's codes all zeros or NaN: its format has
// no NaN here then, and an infinite scale is as good as NaN).
//
// Both operands are rows of codes along K, so that every function serves both; `side` is a constant at each
// call and folds away.
const A : u32 = 0u;
const B : u32 = 1u;

// How a quantised matrix lies in its buffers: GpuQuantizedMatrix.
struct Operand {
  rows : u32,
  // Words from one row of codes to the next; a multiple of 4.
  word_pitch : u32,
  // Scales from one row of scales to the next.
  scale_cols : u32,
  // The scale of element (row, k) is number (row >> row_shift) * scale_cols + (k >> col_shift).
  row_shift : u32,
  col_shift : u32,
  unused0 : u32,
  unused1 : u32,
  unused2 : u32,
}

struct Params {
  // The problem's K in steps of 16, and the steps from one promotion to the next.
  steps : u32,
  promotion_steps : u32,
  // Tiles of D are numbered as order-*.wgsl say, those of K's second part after all of the first part's, and so on;
  // this dispatch computes first_tile to end_tile - 1.
  first_tile : u32,
  end_tile : u32,
  tile_cols : u32,
  // Elements from one row of C and of D to the next; a multiple of 8.
  pitch : u32,
  // Steps of a part of K that is accumulated apart.
  split_steps : u32,
  // Tiles of D.
  tiles : u32,
  // Columns of D.
  cols : u32,
  // Rows that a masked group has room for.
  group_rows : u32,
  // Elements of K.
  k : u32,
  // Rows of tiles, of all groups of rows that there are.
  tile_rows : u32,
  a : Operand,
  b : Operand,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> a_codes : array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> a_scales : array<u32>;
@group(0) @binding(3) var<storage, read> b_codes : array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> b_scales : array<u32>;

fn operand_of(side : u32) -> Operand {
  if (side == A) { return params.a; }
  return params.b;
}

// 16 bytes of codes.
fn codes_at(side : u32, index : u32) -> vec4<u32> {
  if (side == A) { return a_codes[index]; }
  return b_codes[index];
}

// The scale of the element (row, k); of one that does not exist, any.
fn scale_at(side : u32, row : u32, k : u32) -> f32 {
  let operand = operand_of(side);
  let index = (row >> operand.row_shift) * operand.scale_cols + (k >> operand.col_shift);
  let e8m0 = (side == A && A_E8M0) || (side == B && B_E8M0);
  let word = select(index, index >> 2u, e8m0);
  var bits = 0u;
  if (side == A) { bits = a_scales[word]; } else { bits = b_scales[word]; }
  if (e8m0) { bits = decode_bits(E8M0, extractBits(bits, (index & 3u) * 8u, 8u)); }
  let tells_nan = (side == A && A_TELLS_NAN) || (side == B && B_TELLS_NAN);
  if (tells_nan && !e8m0) { bits = select(bits, F32_NAN, (bits & 0x7fffffffu) >= F32_INFINITY); }
  return bitcast<f32>(bits);
}

// Those of four rows at k; whether all are one is a constant.
fn scales_at(side : u32, rows : vec4<u32>, k : u32, one : bool) -> vec4<f32> {
  let first = scale_at(side, rows.x, k);
  if (one) { return vec4<f32>(first); }
  return vec4<f32>(first, scale_at(side, rows.y, k), scale_at(side, rows.z, k), scale_at(side, rows.w, k));
}

// SEGMENT consecutive codes of a row: half as many words as a code has bits, from bit 0 of `low` on.
const SEGMENT : u32 = 16u;
struct Segment {
  low : vec4<u32>,
  high : vec4<u32>,
}

// Segment number `index` of a row. Rows begin at 16 bytes in every width; where segments do not, the 16 bytes
// around are read and shifted into place.
fn read_segment(side : u32, f : Format, row : u32, index : u32) -> Segment {
  let words = code_width(f) / 2u;
  let first = row * operand_of(side).word_pitch + index * words;
  var low = codes_at(side, first >> 2u);
  var high = vec4<u32>();
  if (words != 4u && (first & 3u) + words > 4u) { high = codes_at(side, (first >> 2u) + 1u); }
  if (words % 4u != 0u && (first & 2u) != 0u) {
    low = vec4<u32>(low.zw, high.xy);
    high = vec4<u32>(high.zw, 0u, 0u);
  }
  if (words % 2u != 0u && (first & 1u) != 0u) {
    low = vec4<u32>(low.yzw, high.x);
    high = vec4<u32>(high.yzw, 0u);
  }
  return Segment(low, high);
}

// Codes 4 * quad to 4 * quad + 3 of a segment.
fn segment_codes(f : Format, segment : Segment, quad : u32) -> vec4<u32> {
  if (code_width(f) == 8u) {
    return (vec4<u32>(segment.low[quad]) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u);
  }
  let words = array<u32, 8>(
    segment.low.x, segment.low.y, segment.low.z, segment.low.w,
    segment.high.x, segment.high.y, segment.high.z, segment.high.w,
  );
  var codes = vec4<u32>();
  for (var i = 0u; i < 4u; i++) {
    let index = quad * 4u + i;
    let word = code_word(f, index);
    codes[i] = unpack_code(f, index, words[word], words[min(word + 1u, 7u)]);
  }
  return codes;
}

// Their values.
fn decode_quad(f : Format, segment : Segment, quad : u32) -> vec4<f32> {
  return decode4(f, segment_codes(f, segment, quad));
}
