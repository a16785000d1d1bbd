// 1 / sqrt(mean(x^2) + epsilon) of each row. The oracle is src/linear/rms-norm.ts.
// Needs: format.wgsl, decode.wgsl, eight.wgsl, plain-eight.wgsl, plain-at.wgsl, steps.wgsl, divide.wgsl and what they
// need.
//
// A workgroup to a row. Threads: 64; each adds up the squares of every 64th group of eight columns, one after the
// other, and the sums are added in pairs, 32 apart, 16 apart, …: an order that does not depend on the adapter.
// Workgroup memory: 260 bytes, a sum for each thread and
// the row's largest magnitude, which tells of NaN and infinity without arithmetic on them.
struct Params {
  // The dispatch's rows: first_row to end_row - 1.
  first_row : u32,
  end_row : u32,
  cols : u32,
  // Elements from row to row, a multiple of 8.
  pitch : u32,
  // f32 bits.
  epsilon : u32,
  // f32 bits of the number of columns.
  count : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
// plain-at.wgsl binds the matrix at 1.
@group(0) @binding(2) var<storage, read_write> inverses : array<u32>;

const THREADS : u32 = 64u;
var<workgroup> sums : array<u32, THREADS>;
var<workgroup> largest : atomic<u32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let row = params.first_row + workgroup.y * workgroups.x + workgroup.x;
  if (row >= params.end_row) { return; }
  var sum = 0u;
  var magnitude = 0u;
  for (var col = thread * 8u; col < params.cols; col += THREADS * 8u) {
    let e = first_of_eight(plain_at((row * params.pitch + col) / 8u), params.cols - col);
    magnitude = max(magnitude, largest_of_eight(magnitudes_of_eight(e)));
    let values = array_of_eight(e);
    for (var i = 0u; i < 8u; i++) { sum = fused_step(values[i], values[i], sum); }
  }
  sums[thread] = sum;
  atomicMax(&largest, magnitude);
  for (var apart = THREADS / 2u; apart > 0u; apart /= 2u) {
    workgroupBarrier();
    if (thread < apart) { sums[thread] = add_step(sums[thread], sums[thread + apart]); }
  }
  if (thread == 0u) {
    let special = atomicLoad(&largest);
    if (special > F32_INFINITY) {
      inverses[row] = F32_NAN;
    } else if (special == F32_INFINITY || sums[0] >= F32_INFINITY) {
      inverses[row] = 0u;
    } else {
      let mean = divide_bits(sums[0], params.count);
      inverses[row] = divide_bits(ONE, sqrt_bits(add_step(mean, params.epsilon)));
    }
  }
}

// r(sqrt(x)) of a normal positive number, digit by digit: significand * 2^exponent with an even exponent, the root of
// the significand to 25 bits, and whether anything is left.
fn sqrt_bits(x : u32) -> u32 {
  let p = normalize_bits(x);
  let odd = u32(p.exponent & 1);
  var rest = 0u;
  var root = 0u;
  // 24 or 25 bits of the radicand and then zeros, two at a time from the top: 26 pairs.
  for (var pair = 0u; pair < 26u; pair++) {
    var digits = 0u;
    if (pair < 13u) { digits = ((p.significand << odd) >> (24u - 2u * pair)) & 3u; }
    rest = (rest << 2u) | digits;
    let trial = (root << 2u) | 1u;
    root = root << 1u;
    if (rest >= trial) {
      rest -= trial;
      root |= 1u;
    }
  }
  // 26 zeros behind the radicand are 13 behind the root.
  let sticky = select(0u, 1u, rest != 0u);
  return round_bits(0u, (root << 1u) | sticky, (p.exponent - i32(odd)) / 2 - 14);
}
