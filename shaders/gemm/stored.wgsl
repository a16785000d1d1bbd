// A of portable.wgsl as it lies in memory, in codes and scales. Needs: portable.wgsl and what it needs. Constants:
// A_HALVES (as in octet.wgsl), A_SHARED (the four rows of a patch have the same scales).

// Codes by eight bytes, which are an octet of the usual width; operands.wgsl has the same buffers by sixteen.
@group(0) @binding(1) var<storage, read> a_pairs : array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> b_pairs : array<vec2<u32>>;

fn pair_at(side : u32, index : u32) -> vec2<u32> {
  if (side == A) { return a_pairs[index]; }
  return b_pairs[index];
}

// Before segment `first` of K is fetched.
fn stage_a(first : u32, place : Place, thread : u32) {}

// Octet number `octet` of the rows in vector `vector` of the tile.
fn fetch_a(vector : u32, octet : u32, place : Place) -> Patch {
  return fetch_patch(A, A_FORMAT, A_SHARED, place.row + row_of_vector(vector), octet, place.end_step);
}

fn a_values(codes : Patch, octet : u32, half : u32) -> mat4x4<f32> {
  return patch_values(A_FORMAT, A_HALVES, codes, octet, half);
}
