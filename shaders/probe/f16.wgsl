// f16 for arithmetic.wgsl. Words hold an f16 in their lower half.
alias Real = f16;

fn real(word : u32) -> Real { return bitcast<vec2<f16>>(word).x; }

fn bits(value : Real) -> u32 { return bitcast<u32>(vec2<f16>(value, 0.0h)); }

// Between f32 and f16, by conversion.
fn convert(word : u32) -> u32 {
  if (OPERATION == TO_F16) { return bits(f16(bitcast<f32>(word))); }
  return bitcast<u32>(f32(real(word)));
}
