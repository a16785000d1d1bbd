// The two inputs of SwiGLU as plain matrices. Needs: plain-eight.wgsl and what it needs.
// params.source.x and .y: elements from row to row of gate and up, multiples of 8.
@group(0) @binding(1) var<storage, read> gate : array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> up : array<vec4<u32>>;

fn gate_eight(row : u32, col : u32) -> Eight {
  let at = (row * params.source.x + col) / 8u;
  if (!HALVES) { return Eight(gate[at * 2u], gate[at * 2u + 1u]); }
  return widened_eight(gate[at]);
}

fn up_eight(row : u32, col : u32) -> Eight {
  let at = (row * params.source.y + col) / 8u;
  if (!HALVES) { return Eight(up[at * 2u], up[at * 2u + 1u]); }
  return widened_eight(up[at]);
}
