// A as halves that decode-pass.wgsl has made, and B as codes, decoded on their way into the tile of the matrix kernels:
// for few rows of D, where B's codes are needed by few workgroups and A's by all. A thread's first units are words of
// eight of A's halves, and then come segments of B. In place of matrix-codes.wgsl. Needs: matrix-tile.wgsl,
// decoded-place.wgsl, chunk-rows.wgsl, code-rows.wgsl, fetch-columns.wgsl and what it needs, matrix-fill-f16.wgsl.
@group(0) @binding(9) var<storage, read> a_decoded : array<vec4<u32>>;

// A multiple of THREADS.
const A_UNITS : u32 = TILE_ROWS * STEP_SEGMENTS * SEGMENT_WORDS;
const ALL_UNITS : u32 = A_UNITS + TILE_COLS * STEP_SEGMENTS;

fn fetch(i : u32, thread : u32, place : Place, first : u32) -> Unit {
  if (of_a(i, thread)) {
    let at = chunk_place(i, thread);
    if (TAIL && first + at.y >= place.end_step) { return Unit(); }
    let word = (first + at.y) * CHUNK_WORDS + thread % CHUNK_WORDS;
    let halves = a_decoded[(place.tile_row * (TILE_ROWS / CHUNK_ROWS) + at.x) * ROW_OF_CHUNKS + word];
    return Unit(Segment(halves, vec4<u32>()), 1.0);
  }
  let row = first_row(thread) + (i - A_UNITS / THREADS) * ROWS_APART;
  return fetch_column(row, place, first, thread % STEP_SEGMENTS);
}

fn fill(i : u32, thread : u32, part : u32, values : Unit) {
  if (!UNITS_EVEN && i * THREADS + thread >= ALL_UNITS) { return; }
  if (of_a(i, thread)) {
    fill_chunk(i, thread, values.segment.low);
    return;
  }
  fill_segment(B_FORMAT, A_WORDS + segment_word(i - A_UNITS / THREADS, thread), values);
}
