// Segments of four rows of B for `skinny`. Needs: operands.wgsl and what it needs, halves.wgsl. Constants: B_HALVES
// (B's codes are decoded by halves.wgsl, which this adapter's unpack2x16float() allows), B_SHARED (four neighbouring
// rows of B have the same scales).
struct Four {
  s0 : Segment,
  s1 : Segment,
  s2 : Segment,
  s3 : Segment,
  scales : vec4<f32>,
}

// Of rows `row` to `row` + 3; the last row's for rows beyond it, whose results nobody reads. Nothing from segment
// `end` on.
fn fetch_four(row : u32, segment : u32, end : u32) -> Four {
  if (segment >= end) { return Four(); }
  let last = params.b.rows - 1u;
  let rows = min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), vec4<u32>(last));
  return Four(
    read_segment(B, B_FORMAT, rows.x, segment),
    read_segment(B, B_FORMAT, rows.y, segment),
    read_segment(B, B_FORMAT, rows.z, segment),
    read_segment(B, B_FORMAT, rows.w, segment),
    scales_at(B, rows, segment * SEGMENT, B_SHARED),
  );
}

// What values() gives values in units of.
fn unit_of(f : Format, halves : bool) -> f32 {
  return select(1.0, half_unit(f), halves);
}

// Four codes' values.
fn values(f : Format, halves : bool, segment : Segment, quad : u32) -> vec4<f32> {
  if (!halves) { return decode_quad(f, segment, quad); }
  let both = word_halves(f, segment.low[quad]);
  let even = unpack2x16float(both.x);
  let odd = unpack2x16float(both.y);
  return vec4<f32>(even.x, odd.x, even.y, odd.y);
}

// Four codes' values of each of the rows: a column is the rows at one k.
fn columns_of(four : Four, quad : u32) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(
    values(B_FORMAT, B_HALVES, four.s0, quad),
    values(B_FORMAT, B_HALVES, four.s1, quad),
    values(B_FORMAT, B_HALVES, four.s2, quad),
    values(B_FORMAT, B_HALVES, four.s3, quad),
  ));
}

// The products of four values of A with the rows.
fn products(columns : mat4x4<f32>, a : vec4<f32>) -> vec4<f32> {
  return columns[0] * a.x + columns[1] * a.y + columns[2] * a.z + columns[3] * a.w;
}
