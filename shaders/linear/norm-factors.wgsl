// What a row's gradients of RMSNorm share: its inverse root mean square, and mean(dz * z) with z = r(x * inverse) and
// dz = r(dy * gain). The oracle is src/linear/rms-norm-gradient.ts. Needs: format.wgsl, decode.wgsl, eight.wgsl,
// plain-eight.wgsl, plain-at.wgsl, gradient-eight.wgsl, steps.wgsl, divide.wgsl and what they need.
//
// A workgroup to a row. Threads: 64, which add up as in inverse-rms.wgsl. Workgroup memory: 256 bytes, a sum for each
// thread.
struct Params {
  // The dispatch's rows: first_row to end_row - 1.
  first_row : u32,
  end_row : u32,
  cols : u32,
  // Elements from row to row of x and of dy, multiples of 8.
  pitch : u32,
  gradient_pitch : u32,
  // f32 bits of the number of columns.
  count : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
// plain-at.wgsl binds x at 1. f32 bits, of each row; and of each column, padded to a multiple of 8.
@group(0) @binding(2) var<storage, read> inverses : array<u32>;
@group(0) @binding(3) var<storage, read> gains : array<vec4<u32>>;
// gradient-eight.wgsl binds dy at 4. The inverse and the mean, of each row: together they leave
// source-norm-gradient.wgsl the bindings that it needs for both results.
@group(0) @binding(5) var<storage, read_write> factors : array<vec2<u32>>;

const THREADS : u32 = 64u;
var<workgroup> sums : array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let row = params.first_row + workgroup.y * workgroups.x + workgroup.x;
  if (row >= params.end_row) { return; }
  let inverse = inverses[row];
  var sum = 0u;
  for (var col = thread * 8u; col < params.cols; col += THREADS * 8u) {
    let x = array_of_eight(plain_at((row * params.pitch + col) / 8u));
    let dy = array_of_eight(gradient_eight((row * params.gradient_pitch + col) / 8u));
    let gain = array_of_eight(Eight(gains[col / 4u], gains[col / 4u + 1u]));
    // Zeros beyond the last column would turn a sum of -0 into 0.
    for (var i = 0u; i < min(8u, params.cols - col); i++) {
      sum = fused_step_of_any(multiply_bits(dy[i], gain[i]), multiply_bits(x[i], inverse), sum);
    }
  }
  sums[thread] = sum;
  for (var apart = THREADS / 2u; apart > 0u; apart /= 2u) {
    workgroupBarrier();
    if (thread < apart) { sums[thread] = fused_step_of_any(ONE, sums[thread], sums[thread + apart]); }
  }
  if (thread == 0u) { factors[row] = vec2<u32>(inverse, divide_bits(sums[0], params.count)); }
}
