// A matrix as the quantising shaders walk it: in chunks of 32 elements of one row (CHUNK of pack.wgsl), a thread
// to a chunk. Each row has as many chunks as its codes with their padding. A chunk's codes are whole words in
// every width, so that a thread owns its words; and where tiles are whole chunks wide it needs one scale.
struct Params {
  // The dispatch's chunks, counted row by row: first_chunk to end_chunk - 1.
  first_chunk : u32,
  end_chunk : u32,
  chunks_per_row : u32,
  cols : u32,
  // Elements from row to row of the plain matrix.
  pitch : u32,
  // Rows and columns of a tile; 0xffffffff for all there are.
  tile_rows : u32,
  tile_cols : u32,
  // Scales along the columns.
  scale_cols : u32,
}

@group(0) @binding(0) var<uniform> params : Params;

// The index of a thread's chunk; 64 threads in a workgroup.
fn chunk_of(workgroup : vec3<u32>, workgroups : vec3<u32>, thread : u32) -> u32 {
  return params.first_chunk + (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
}

fn chunk_row(chunk : u32) -> u32 {
  return chunk / params.chunks_per_row;
}

// The column of a chunk's first element; at or beyond `cols` for a chunk of padding.
fn chunk_col(chunk : u32) -> u32 {
  return (chunk % params.chunks_per_row) * CHUNK;
}

// Whether a chunk lies in one tile, whatever its place.
fn whole_chunks() -> bool {
  return params.tile_cols % CHUNK == 0u || params.tile_cols == 0xffffffffu;
}

// The index of the scale of element (row, col).
fn scale_index(row : u32, col : u32) -> u32 {
  return (row / params.tile_rows) * params.scale_cols + col / params.tile_cols;
}
