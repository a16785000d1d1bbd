// References of rows of scales: a row's scales are taken relative to the least power of two that the largest of them
// does not exceed (fold.wgsl says why). Constants: A_LIFT, B_LIFT (exponents).
@group(0) @binding(7) var<storage, read_write> folded : array<f32>;

const LARGEST : i32 = 100;

// What is compared to find the largest scale: bits of magnitudes are ordered as they are. NaN and infinity are no
// measure for the other scales.
fn measure_of(scale : f32) -> u32 {
  let bits = bitcast<u32>(scale) & 0x7fffffffu;
  return select(bits, 0u, bits >= F32_INFINITY);
}

// The exponent of the reference, given the largest measure.
fn reference_exponent(bits : u32) -> i32 {
  let least = i32(bits >> 23u) - 127 + select(0, 1, (bits & 0x7fffffu) != 0u);
  return clamp(least, -LARGEST, LARGEST);
}

fn lift_of(side : u32) -> i32 {
  if (side == A) { return A_LIFT; }
  return B_LIFT;
}

// 2^exponent of a normal f32.
fn power_of_two(exponent : i32) -> f32 {
  return bitcast<f32>(u32(exponent + 127) << 23u);
}
