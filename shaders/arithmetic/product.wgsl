// The product of two significands, exactly. Needs: normalize.wgsl.

// p * q = high * 2^24 + low, low below 2^24; 2^46 <= p * q < 2^48. Out of 12 by 12 bits, whose products fit a u32.
struct Product {
  high : u32,
  low : u32,
}

fn significand_product(p : u32, q : u32) -> Product {
  let p1 = p >> 12u;
  let p0 = p & 0xfffu;
  let q1 = q >> 12u;
  let q0 = q & 0xfffu;
  let middle = p1 * q0 + p0 * q1;
  let lower = p0 * q0 + ((middle & 0xfffu) << 12u);
  return Product(p1 * q1 + (middle >> 12u) + (lower >> 24u), lower & 0xffffffu);
}
