// Values within K only. Codes beyond it are zeros, which an infinite scale makes NaN. Needs: operands.wgsl. Constant:
// ENDS_WITHIN (K ends within a segment; otherwise nothing is left of this).

// Four consecutive values from element k on, zeros from the end of K on.
fn before_end(values : vec4<f32>, k : u32) -> vec4<f32> {
  if (!ENDS_WITHIN || k + 4u <= params.k) { return values; }
  return select(vec4<f32>(), values, vec4<u32>(k) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.k));
}
