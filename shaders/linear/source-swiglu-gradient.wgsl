// The gradients of SwiGLU with respect to its inputs, as the source of block.wgsl. The oracle is src/linear/swiglu.ts.
// Needs: gates-*.wgsl, activation.wgsl (as SILU) and what they need.
// Constants: OF_GATE (the gradient of the gate; else of up), GRADIENT (a binding), GRADIENT_HALVES and
// GRADIENT_FORMAT (elements of dh are 16 bits, two to a word, of that format).
// params.second.x: elements from row to row of dh, a multiple of 8.
@group(0) @binding(GRADIENT) var<storage, read> dh : array<vec4<u32>>;

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  let gates = array_of_eight(gate_eight(row, col));
  let ups = array_of_eight(up_eight(row, col));
  var values = array_of_eight(gradient_eight(row, col));
  for (var i = 0u; i < 8u; i++) { values[i] = gradient_of(gates[i], ups[i], values[i]); }
  return eight_of_array(values);
}

fn gradient_eight(row : u32, col : u32) -> Eight {
  let at = (row * params.second.x + col) / 8u;
  if (!GRADIENT_HALVES) { return Eight(dh[at * 2u], dh[at * 2u + 1u]); }
  let low = dh[at] & vec4<u32>(0xffffu);
  let high = dh[at] >> vec4<u32>(16u);
  return Eight(
    vec4<u32>(half_of(low.x), half_of(high.x), half_of(low.y), half_of(high.y)),
    vec4<u32>(half_of(low.z), half_of(high.z), half_of(low.w), half_of(high.w)),
  );
}

fn half_of(half : u32) -> u32 {
  return decode_bits(GRADIENT_FORMAT, half);
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
