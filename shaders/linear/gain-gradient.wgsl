// The gradient of RMSNorm with respect to its gain: the sum of dy * z down each column, z = r(x * inverse of its row),
// of strips of rows apart. The oracle is src/linear/rms-norm-gradient.ts. Needs: format.wgsl, decode.wgsl, eight.wgsl,
// plain-eight.wgsl, plain-at.wgsl, gradient-eight.wgsl, steps.wgsl and what they need. Constants: STRIP_ROWS.
//
// A thread to eight columns of a strip, so that neighbours read consecutive words and the order of a sum depends on no
// adapter; strips make threads enough. 64 threads; no workgroup memory.
struct Params {
  // The dispatch's eights, counted strip by strip: first_item to end_item - 1.
  first_item : u32,
  end_item : u32,
  // Eights of columns.
  across : u32,
  rows : u32,
  // Elements from row to row of x and of dy, multiples of 8.
  pitch : u32,
  gradient_pitch : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
// plain-at.wgsl binds x at 1. f32 bits, of each row.
@group(0) @binding(2) var<storage, read> inverses : array<u32>;
// gradient-eight.wgsl binds dy at 3. f32 bits, of each strip and column.
@group(0) @binding(4) var<storage, read_write> strips : array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let item = params.first_item + (workgroup.y * workgroups.x + workgroup.x) * 64u + thread;
  if (item >= params.end_item) { return; }
  let first = (item / params.across) * STRIP_ROWS;
  let eight = item % params.across;
  var sums = array<u32, 8>();
  for (var row = first; row < min(first + STRIP_ROWS, params.rows); row++) {
    let x = array_of_eight(plain_at(row * (params.pitch / 8u) + eight));
    let dy = array_of_eight(gradient_eight(row * (params.gradient_pitch / 8u) + eight));
    for (var i = 0u; i < 8u; i++) {
      sums[i] = fused_step_of_any(dy[i], multiply_bits(x[i], inverses[row]), sums[i]);
    }
  }
  let sum = eight_of_array(sums);
  strips[item * 2u] = sum.left;
  strips[item * 2u + 1u] = sum.right;
}
