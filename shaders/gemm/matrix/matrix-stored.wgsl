// A of matrix-promoted.wgsl as it lies in memory, in codes and scales. Needs: matrix-promoted.wgsl and what it needs.

// Before the interval that begins at segment `first` of K is multiplied.
fn stage_a(first : u32, place : Place, thread : u32) {}

// The scale of a row of the tile in the interval that begins at element k.
fn scale_of_a(row : u32, place : Place, k : u32) -> f32 {
  return interval_scale(A, place.row + row, place.row_end, k);
}
