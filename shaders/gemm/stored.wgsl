// A of portable.wgsl as it lies in memory, in codes and scales. Needs: portable.wgsl and what it needs.

// Before segment `first` of K is fetched.
fn stage_a(first : u32, place : Place, thread : u32) {}

// A segment of the row that slot `slot` of the tile holds.
fn fetch_a(slot : u32, segment : u32, place : Place) -> Unit {
  let row = place.row + row_of_slot(slot);
  if (row >= place.row_end) { return Unit(); }
  return fetch_row(A, A_FORMAT, row, segment, place.end_step);
}

// The values of four of a segment's codes.
fn a_values(segment : Segment, quad : u32) -> vec4<f32> {
  return quad_values(A_FORMAT, A_HALVES, segment, quad);
}
