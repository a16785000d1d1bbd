// Third step of quantising: the codes.
// Needs: format.wgsl, decode.wgsl, encode.wgsl, pack.wgsl, the arithmetic shaders, chunk.wgsl, source.wgsl.
// Constants: FORMAT (of the codes), DIVIDE_VALUES (values are divided by their tile's factor; else multiplied).
//
// A thread encodes one chunk of 32 values and writes its words; padding becomes code 0. 64 threads; no workgroup
// memory.
@group(0) @binding(2) var<storage, read> factors : array<u32>;
@group(0) @binding(3) var<storage, read_write> words : array<u32>;

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
  var codes = array<u32, 32>();
  if (col < params.cols) {
    let first = row * params.pitch + col;
    let count = min(CHUNK, params.cols - col);
    var factor = factors[scale_index(row, col)];
    for (var i = 0u; i < count; i++) {
      if (!whole_chunks()) { factor = factors[scale_index(row, col + i)]; }
      codes[i] = encode_bits(FORMAT, scaled(source_bits(first + i), factor), NEAREST_EVEN, SATURATE, 0u);
    }
  }
  let bits = code_width(FORMAT);
  for (var w = 0u; w < bits; w++) {
    words[chunk * bits + w] = pack_word(FORMAT, &codes, w);
  }
}

// Never the value itself: a NaN leaves here as F32_NAN, whatever its bits were.
fn scaled(value : u32, factor : u32) -> u32 {
  if (DIVIDE_VALUES) { return divide_bits(value, factor); }
  return multiply_bits(value, factor);
}
