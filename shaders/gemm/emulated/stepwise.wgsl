// D = A * transpose(B) (+ C) with the bits of a matrix instruction: the straightforward kernel, for every profile, in
// integers only. It is what the fast kernel is checked against, and what runs where the fast one cannot. Needs:
// operands.wgsl and what it needs, place.wgsl, one of place-*.wgsl, code-at.wgsl, special.wgsl, one of sum-*.wgsl and
// what it needs, promote-bits.wgsl and what it needs, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl.
// Constants: those of the files above; ADDEND_IN_ACCUMULATOR, whether C is where the sums start; REDO, whether only
// strips of D that hold a NaN are computed, after a kernel that writes one where it gives up.
//
// Tile: 8 x 64 of D a workgroup of 64 threads, eight columns of a row a thread, because the epilogue writes eight
// at once. No workgroup memory: nothing is shared, so that nothing but the model itself can be wrong.
const TILE_ROWS : u32 = 8u;
const TILE_COLS : u32 = 64u;

// One output's sum over K, scaled: its f32 bits.
fn output_bits(place : Place, row : u32, col : u32, start : u32) -> u32 {
  let b_row = place.b_row + col;
  let a_base = row_base(A, row);
  let b_base = row_base(B, b_row);
  let interval = params.promotion_steps * SEGMENT;
  let first = place.first_step * SEGMENT;
  let end = place.end_step * SEGMENT;
  var total = 0u;
  var acc = 0u;
  for (var k = first; k < end; k += interval) {
    let count = min(interval, end - k);
    let partial = sum_products(a_base, b_base, k, count, start);
    let scale_a = bitcast<u32>(scale_at(A, row, k));
    let scale_b = bitcast<u32>(scale_at(B, b_row, k));
    acc = promote_bits(acc, partial, scale_a, scale_b);
    let done = k + count - first;
    let split = params.split_steps * SEGMENT;
    if (k + count == end || done % split == 0u) {
      total = select(add_bits(total, acc), acc, done <= split);
      acc = 0u;
    }
  }
  return total;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (tile >= params.end_tile) { return; }
  let place = place_of(tile, TILE_ROWS, TILE_COLS);
  let row = place.row + thread / 8u;
  let col = place.col + (thread % 8u) * 8u;
  if (row >= place.row_end || col >= place.col_end) { return; }
  let index = place.offset + row * params.pitch + col;
  if (REDO && !holds_nan(index)) { return; }
  var start = Strip();
  if (ADDEND_IN_ACCUMULATOR) { start = add_addend(index, start); }
  var bits = array<u32, 8>();
  for (var i = 0u; i < min(8u, place.col_end - col); i++) {
    let c = bitcast<u32>(select(start.left[i & 3u], start.right[i & 3u], i >= 4u));
    bits[i] = output_bits(place, row, col + i, c);
  }
  let sums = Strip(
    bitcast<vec4<f32>>(vec4<u32>(bits[0], bits[1], bits[2], bits[3])),
    bitcast<vec4<f32>>(vec4<u32>(bits[4], bits[5], bits[6], bits[7])),
  );
  if (ADDEND_IN_ACCUMULATOR) {
    store_output(index, sums);
  } else {
    store_output(index, add_addend(index, sums));
  }
}
