// Activations on bits. Needs: sigmoid.wgsl and what it needs. The oracle is src/linear/activation.ts.
// Constants: ACTIVATION (RELU, SILU or GELU).
const RELU : u32 = 0u;
const SILU : u32 = 1u;
const GELU : u32 = 2u;

// 2 * sqrt(2 / pi), and that times 0.044715.
const GELU_FIRST : u32 = 0x3fcc422au;
const GELU_THIRD : u32 = 0x3d922279u;
// 16: where the sigmoid of gelu has long been 0 or 1.
const GELU_LARGE : u32 = 0x41800000u;

fn activated(x : u32) -> u32 {
  let magnitude = x & ~F32_SIGN;
  if (magnitude > F32_INFINITY) { return F32_NAN; }
  if (ACTIVATION == RELU) { return select(x, 0u, x != magnitude); }
  if (x == (F32_SIGN | F32_INFINITY)) { return F32_SIGN; }
  var u = x;
  if (ACTIVATION == GELU) {
    u = select(F32_SIGN | LARGE, LARGE, x == magnitude);
    if (magnitude < GELU_LARGE) {
      u = multiply_bits(x, fused_step(GELU_THIRD, multiply_bits(x, x), GELU_FIRST));
    }
  }
  return multiply_bits(x, sigmoids(u).here);
}
