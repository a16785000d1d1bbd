// Two halves times a factor, in f32 arithmetic.
fn scale_halves(halves : u32, factor : f32) -> u32 {
  return pack2x16float(unpack2x16float(halves) * factor);
}
