// The f32 operations of activations and norms on bits, each rounded once to nearest even, so that every adapter gives
// the bits of the oracle. Needs: format.wgsl, fma.wgsl, multiply.wgsl and what they need.
// Constants: NATIVE (the adapter's own arithmetic was seen to round so; else integers compute).
//
// Operands and results are zeros or normal numbers, or so small beside what they are added to that flushing them
// changes nothing.
const ONE : u32 = 0x3f800000u;

fn fused_step(a : u32, b : u32, c : u32) -> u32 {
  if (NATIVE) { return bitcast<u32>(fma(bitcast<f32>(a), bitcast<f32>(b), bitcast<f32>(c))); }
  return fma_bits(a, b, c);
}

fn add_step(a : u32, b : u32) -> u32 {
  if (NATIVE) { return bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)); }
  return fma_bits(ONE, a, b);
}
