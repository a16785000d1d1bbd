// Dequantising: r(value of the code * scale), rounded once to f32 and then to the matrix's element type.
// Needs: format.wgsl, decode.wgsl, encode.wgsl, pack.wgsl, normalize.wgsl, round.wgsl, product.wgsl, multiply.wgsl,
// chunk.wgsl.
// Constants: FORMAT (of the codes); E8M0_SCALES (scales are e8m0 codes, four to a word; else f32 bits), E8M0
// (that format); HALVES (elements are 16 bits, two to a word), HALF_FORMAT (their format, where they are).
//
// A thread decodes one chunk of 32 codes and writes the words of its elements, the row's padding included: a
// row's pitch is a multiple of 8, so that no word is shared. 64 threads; no workgroup memory.
@group(0) @binding(1) var<storage, read> words : array<u32>;
@group(0) @binding(2) var<storage, read> scales : array<u32>;
@group(0) @binding(3) var<storage, read_write> result : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let chunk = chunk_of(workgroup, workgroups, thread);
  if (chunk >= params.end_chunk) { return; }
  let row = chunk_row(chunk);
  let col = chunk_col(chunk);
  if (col >= params.cols) { return; }
  var scale = scale_at(scale_index(row, col));
  let first = row * params.pitch + col;
  let count = min(CHUNK, params.pitch - col);
  var low = 0u;
  for (var i = 0u; i < count; i++) {
    if (!whole_chunks()) { scale = scale_at(scale_index(row, min(col + i, params.cols - 1u))); }
    let value = value_at(chunk, i, scale);
    if (!HALVES) {
      result[first + i] = value;
    } else {
      let half = encode_bits(HALF_FORMAT, value, NEAREST_EVEN, IEEE, 0u);
      if ((i & 1u) == 0u) {
        low = half;
      } else {
        result[(first + i) >> 1u] = low | (half << 16u);
      }
    }
  }
}

fn scale_at(index : u32) -> u32 {
  if (!E8M0_SCALES) { return scales[index]; }
  return decode_bits(E8M0, (scales[index >> 2u] >> ((index & 3u) * 8u)) & 0xffu);
}

fn value_at(chunk : u32, i : u32, scale : u32) -> u32 {
  let word = chunk * code_width(FORMAT) + code_word(FORMAT, i);
  let code = unpack_code(FORMAT, i, words[word], words[min(word + 1u, arrayLength(&words) - 1u)]);
  return multiply_bits(decode_bits(FORMAT, code), scale);
}
