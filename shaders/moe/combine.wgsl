// Each token's results, weighed by its gates. The oracle is src/moe/exchange.ts.
// Needs: format.wgsl, decode.wgsl, encode.wgsl, eight.wgsl, plain-eight.wgsl, steps.wgsl and what they need.
// Constants: OUT_HALVES and OUT_FORMAT (elements of the output are 16 bits, two to a word, of that format).
//
// A thread makes eight elements of a token. 64 threads; no workgroup memory.
struct Params {
  // The dispatch's groups of eight elements: first_item to end_item - 1.
  first_item : u32,
  end_item : u32,
  top_k : u32,
  // Groups of eight from row to row, of results and output both.
  eights : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> results : array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> gates : array<u32>;
@group(0) @binding(3) var<storage, read> row_of : array<u32>;
@group(0) @binding(4) var<storage, read_write> output : array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let item = params.first_item + (workgroup.y * workgroups.x + workgroup.x) * 64u + thread;
  if (item >= params.end_item) { return; }
  let token = item / params.eights;
  let place = item % params.eights;
  var sums = array<u32, 8>();
  for (var k = token * params.top_k; k < (token + 1u) * params.top_k; k++) {
    // An assignment beyond its expert's room.
    if (row_of[k] == 0xffffffffu) { continue; }
    let at = row_of[k] * params.eights + place;
    var e = Eight();
    if (HALVES) { e = widened_eight(results[at]); } else { e = Eight(results[at * 2u], results[at * 2u + 1u]); }
    let values = array_of_eight(e);
    for (var i = 0u; i < 8u; i++) { sums[i] = fused_step(gates[k], values[i], sums[i]); }
  }
  if (OUT_HALVES) {
    for (var i = 0u; i < 8u; i++) { sums[i] = encode_bits(OUT_FORMAT, sums[i], NEAREST_EVEN, IEEE, 0u); }
    output[item] = vec4<u32>(
      sums[0] | (sums[1] << 16u), sums[2] | (sums[3] << 16u), sums[4] | (sums[5] << 16u), sums[6] | (sums[7] << 16u),
    );
  } else {
    let e = eight_of_array(sums);
    output[item * 2u] = e.left;
    output[item * 2u + 1u] = e.right;
  }
}
