// Conversion of a whole array: decoding of packed codes to f32 bits, and encoding of f32 bits to packed codes.
// Needs: format.wgsl, decode.wgsl, encode.wgsl, pack.wgsl.
// Constants: FORMAT, ENCODE (direction), ROUNDING, OVERFLOW.
//
// A thread converts one chunk of 32 values, because a chunk's codes are whole words in every width: no two
// threads write one word. 64 threads; no workgroup memory.
struct Params {
  // Values to convert; the last chunk may be part full.
  count : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
// f32 bits.
@group(0) @binding(1) var<storage, read_write> values : array<u32>;
@group(0) @binding(2) var<storage, read_write> words : array<u32>;
// Random bits, one word a value; read by STOCHASTIC alone.
@group(0) @binding(3) var<storage, read> random : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let chunk = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  let first = chunk * CHUNK;
  if (first >= params.count) { return; }
  let bits = code_width(FORMAT);
  let base = chunk * bits;
  let last = arrayLength(&words) - 1u;

  if (ENCODE) {
    var codes = array<u32, 32>();
    for (var i = 0u; i < CHUNK; i++) {
      if (first + i < params.count) {
        let r = random[min(first + i, arrayLength(&random) - 1u)];
        codes[i] = encode_bits(FORMAT, values[first + i], ROUNDING, OVERFLOW, r);
      }
    }
    for (var w = 0u; w < bits; w++) {
      if (base + w <= last) { words[base + w] = pack_word(FORMAT, &codes, w); }
    }
  } else {
    for (var i = 0u; i < CHUNK; i++) {
      if (first + i < params.count) {
        let word = base + code_word(FORMAT, i);
        let code = unpack_code(FORMAT, i, words[word], words[min(word + 1u, last)]);
        values[first + i] = decode_bits(FORMAT, code);
      }
    }
  }
}
