// Sums of products as plain f32 code adds them: one fused multiply-add after the other, on bits.
// Needs: code-at.wgsl, promote-bits.wgsl and what they need.

// c + the products of `count` codes from element k of K on of two rows: f32 bits.
fn sum_products(a_base : u32, b_base : u32, k : u32, count : u32, c : u32) -> u32 {
  var sum = c;
  for (var i = k; i < k + count; i++) {
    let a = decode_bits(A_FORMAT, code_at(A, A_FORMAT, a_base, i));
    let b = decode_bits(B_FORMAT, code_at(B, B_FORMAT, b_base, i));
    sum = fma_bits(a, b, sum);
  }
  return with_nvidia_nan(sum);
}
