// A of skinny.wgsl as codes and scales in memory. Needs: skinny.wgsl and what it needs.

// The segments of A from `chunk` on into the tile, when all threads are done with those before. Ends with a barrier
// due: the caller's.
fn fill_chunk(chunk : u32, place : Place, thread : u32) {
  workgroupBarrier();
  for (var i = 0u; i < TILE_SEGMENTS / THREADS; i++) {
    let at = i * THREADS + thread;
    fill(at / CHUNK_SEGMENTS, at % CHUNK_SEGMENTS, chunk, place.end_step);
  }
}

// Segment `chunk` + `segment` of row m of A into the tile; zeros beyond A's rows, from segment `end` on, and beyond K.
fn fill(m : u32, segment : u32, chunk : u32, end : u32) {
  // Both are within these bounds; saying so spares a check of each index (robustness).
  let at = min(m, ROWS - 1u) * 4u * CHUNK_SEGMENTS + min(segment, CHUNK_SEGMENTS - 1u);
  let exists = m < params.a.rows && chunk + segment < end;
  var codes = Segment();
  var scale = 0.0;
  if (exists) {
    codes = read_segment(A, A_FORMAT, m, chunk + segment);
    scale = scale_at(A, m, (chunk + segment) * SEGMENT);
  }
  for (var quad = 0u; quad < 4u; quad++) {
    let scaled = decode_quad(A_FORMAT, codes, quad) * scale;
    a_tile[at + quad * CHUNK_SEGMENTS] = before_end(scaled, (chunk + segment) * SEGMENT + 4u * quad);
  }
}
