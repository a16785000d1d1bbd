// First step of quantising: the largest magnitude of each tile.
// Needs: format.wgsl, decode.wgsl, pack.wgsl, chunk.wgsl, source.wgsl.
//
// The bits of magnitudes, as integers, are ordered like the magnitudes, with NaN above infinity: an integer
// maximum is exact, needs no order, and lets NaN win. A thread takes the maximum of a chunk of 32 elements and
// adds it to its tile's with one atomic operation, or one an element where tiles are narrower; `amax` must be zero
// before. 64 threads; no workgroup memory, because a tile's chunks may be anything from one to the whole matrix.
@group(0) @binding(2) var<storage, read_write> amax : array<atomic<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let chunk = chunk_of(workgroup, workgroups, thread);
  if (chunk >= params.end_chunk) { return; }
  let row = chunk_row(chunk);
  let col = chunk_col(chunk);
  if (col >= params.cols) { return; }
  let first = row * params.pitch + col;
  let count = min(CHUNK, params.cols - col);
  if (!whole_chunks()) {
    for (var i = 0u; i < count; i++) {
      atomicMax(&amax[scale_index(row, col + i)], source_bits(first + i) & ~F32_SIGN);
    }
    return;
  }
  var largest = 0u;
  for (var i = 0u; i < count; i++) {
    largest = max(largest, source_bits(first + i) & ~F32_SIGN);
  }
  atomicMax(&amax[scale_index(row, col)], largest);
}
