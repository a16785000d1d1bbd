// Eight elements of the plain matrix that a shader is bound to. Needs: plain-eight.wgsl and what it needs.
@group(0) @binding(1) var<storage, read> plain : array<vec4<u32>>;

// The f32 bits of eight elements, number `at` of the matrix with the padding of the rows counted.
fn plain_at(at : u32) -> Eight {
  if (!HALVES) { return Eight(plain[at * 2u], plain[at * 2u + 1u]); }
  return widened_eight(plain[at]);
}
