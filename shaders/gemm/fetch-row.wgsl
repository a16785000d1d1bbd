// A row's segment and its factor, on their way from storage. Needs: halves-unit.wgsl and what it needs, and
// factor_at(side, row, k), what the values of a row are multiplied by from element k on. Constant: TAIL (a step may
// reach beyond the last segment).

// Nothing from segment `end` on, where TAIL.
fn fetch_row(side : u32, f : Format, row : u32, segment : u32, end : u32) -> Unit {
  return fetch_scaled(side, f, row, segment, end, vec2<u32>(row, segment));
}

// The same, with the factor of the row and the segment that `scaled` names.
fn fetch_scaled(side : u32, f : Format, row : u32, segment : u32, end : u32, scaled : vec2<u32>) -> Unit {
  if (TAIL && segment >= end) { return Unit(); }
  return Unit(read_segment(side, f, row, segment), factor_at(side, scaled.x, scaled.y * SEGMENT));
}
