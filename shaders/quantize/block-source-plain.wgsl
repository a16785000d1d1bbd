// A plain matrix as the source of block.wgsl. Needs: plain-at.wgsl and what it needs.
// params.source.x: elements from row to row, a multiple of 8.

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  return plain_at((row * params.source.x + col) / 8u);
}
