// Two halves times a factor, in f16 arithmetic: one instruction where there is packed f16. The factor is rounded to a
// half first. Only for adapters whose f16 arithmetic keeps subnormals.
fn scale_halves(halves : u32, factor : f32) -> u32 {
  return bitcast<u32>(bitcast<vec2<f16>>(halves) * f16(factor));
}
