// Second step of quantising: the scale of each tile, and the factor that its values are multiplied or divided by.
// Needs: format.wgsl, decode.wgsl, the arithmetic shaders, scale.wgsl.
// Constants: E8M0_SCALES (scales are e8m0 codes, four to a word; else f32 bits), E8M0 (that format).
//
// A thread writes one word of scales: one tile or four. 64 threads; no workgroup memory, since tiles share
// nothing.
struct Params {
  // The dispatch's words of scales: first_word to end_word - 1.
  first_word : u32,
  end_word : u32,
  tiles : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
// Read and set back to zero, as the first step needs it when the same dispatches run again.
@group(0) @binding(1) var<storage, read_write> amax : array<u32>;
@group(0) @binding(2) var<storage, read_write> scales : array<u32>;
// f32 bits, one word a tile.
@group(0) @binding(3) var<storage, read_write> factors : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let word = params.first_word + (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (word >= params.end_word) { return; }
  let tiles_per_word = select(1u, 4u, E8M0_SCALES);
  let first = word * tiles_per_word;
  let count = min(tiles_per_word, params.tiles - first);
  var packed = 0u;
  for (var i = 0u; i < count; i++) {
    let largest = max(amax[first + i], AMAX_FLOOR);
    amax[first + i] = 0u;
    var scale = scale_bits(largest);
    if (E8M0_SCALES) {
      // The exponent of a power of two is its e8m0 code; so is that of NaN, and infinity becomes NaN.
      let code = scale >> 23u;
      packed |= code << (i * 8u);
      scale = decode_bits(E8M0, code);
    } else {
      packed = scale;
    }
    factors[first + i] = factor_bits(largest, scale);
  }
  scales[word] = packed;
}
