// The gradients of SwiGLU with respect to its inputs, as the source of block.wgsl. The oracle is src/linear/swiglu.ts.
// Needs: gates-*.wgsl, activation.wgsl (as SILU), gradient-eight.wgsl and what they need.
// Constants: OF_GATE (the gradient of the gate; else of up).
// params.second.x: elements from row to row of dh, a multiple of 8.

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  let gates = array_of_eight(gate_eight(row, col));
  let ups = array_of_eight(up_eight(row, col));
  var values = array_of_eight(gradient_eight((row * params.second.x + col) / 8u));
  for (var i = 0u; i < 8u; i++) { values[i] = gradient_of(gates[i], ups[i], values[i]); }
  return eight_of_array(values);
}

fn gradient_of(g : u32, u : u32, d : u32) -> u32 {
  if (!OF_GATE) { return multiply_bits(d, activated(g)); }
  return multiply_bits(multiply_bits(d, u), silu_slope(g));
}

// s * (1 + g * (1 - s)), where s is the sigmoid of g; 1 or 0 where it has long been either.
fn silu_slope(g : u32) -> u32 {
  let magnitude = g & ~F32_SIGN;
  if (magnitude > F32_INFINITY) { return F32_NAN; }
  if (magnitude >= LARGE) { return select(0u, ONE, g == magnitude); }
  let s = sigmoids(g);
  return multiply_bits(s.here, fused_step(g, s.opposite, ONE));
}
