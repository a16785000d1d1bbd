// A source of block.wgsl as a plain matrix: in f32 the first of two passes, where quantising is the second. Needs:
// format.wgsl, encode.wgsl, eight.wgsl, block-params.wgsl, a block-source-*.wgsl. Constants: RESULT (a binding),
// RESULT_HALVES (elements are rounded to 16 bits, two to a word; overflow gives infinity), RESULT_FORMAT (their format,
// where they are).
//
// A thread writes eight elements. 64 threads; no workgroup memory.
@group(0) @binding(RESULT) var<storage, read_write> result : array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let item = params.first_tile + (workgroup.y * workgroups.x + workgroup.x) * 64u + thread;
  if (item >= params.end_tile) { return; }
  let row = item / params.tiles_across;
  let col = (item % params.tiles_across) * 8u;
  let e = source_eight(row, col);
  if (RESULT_HALVES) {
    var codes = array_of_eight(e);
    for (var i = 0u; i < 8u; i++) { codes[i] = encode_bits(RESULT_FORMAT, codes[i], NEAREST_EVEN, IEEE, 0u); }
    result[item] = pack_eight(RESULT_FORMAT, eight_of_array(codes));
  } else {
    result[item * 2u] = e.left;
    result[item * 2u + 1u] = e.right;
  }
}
