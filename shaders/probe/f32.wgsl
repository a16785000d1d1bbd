// f32 for arithmetic.wgsl.
alias Real = f32;

fn real(word : u32) -> Real { return bitcast<f32>(word); }

fn bits(value : Real) -> u32 { return bitcast<u32>(value); }

// Between f32 and f16, by the functions that need no f16 in the shader.
fn convert(word : u32) -> u32 {
  let packed = pack2x16float(vec2<f32>(real(word), 0.0));
  if (OPERATION == TO_F16) { return packed & 0xffffu; }
  if (OPERATION == TO_F16_NEIGHBOR) { return packed >> 16u; }
  return bits(unpack2x16float(word).x);
}
