// Codes on their way into the tile of the matrix kernels: a unit is a segment of 16 codes of a row, decoded as it is
// written. Needs: matrix-tile.wgsl, halves-unit.wgsl, one of matrix-fill-*.wgsl.
const A_UNITS : u32 = TILE_ROWS * STEP_SEGMENTS;
const ALL_UNITS : u32 = (TILE_ROWS + TILE_COLS) * STEP_SEGMENTS;
// Rows from one of a thread's units to its next; THREADS is a multiple of 32.
const ROWS_APART : u32 = THREADS / STEP_SEGMENTS;

// The row, of B's columns after A's rows, of a thread's first unit; its segment of the step is thread % STEP_SEGMENTS.
// Of two segments a row, the units of 16 rows are ordered so that eight threads that write at once write to different
// banks, and that two threads read the 32 bytes of a row that memory delivers at once; of more segments the plain order
// does so.
fn first_row(thread : u32) -> u32 {
  if (STEP_SEGMENTS != 2u) { return thread / STEP_SEGMENTS; }
  let pair = (thread % 32u) / 2u;
  let row = (pair / 8u) * 8u + pair % 2u + ((pair / 2u) % 2u) * 4u + ((pair / 4u) % 2u) * 2u;
  return (thread / 32u) * 16u + row;
}

// A thread's unit number `i` of the step that begins at segment `first`. Rows beyond the matrices are not looked for:
// buffers are not read beyond their end, and no thread stores what comes of such rows.
fn fetch(i : u32, thread : u32, place : Place, first : u32) -> Unit {
  let row = first_row(thread) + i * ROWS_APART;
  let segment = first + thread % STEP_SEGMENTS;
  if (of_a(i, thread)) { return fetch_row(A, A_FORMAT, place.row + row, segment, place.end_step); }
  return fetch_row(B, B_FORMAT, place.b_row + place.col + row - TILE_ROWS, segment, place.end_step);
}

fn fill(i : u32, thread : u32, values : Unit) {
  if (!UNITS_EVEN && i * THREADS + thread >= ALL_UNITS) { return; }
  let first = first_row(thread) * ROW_WORDS + (thread % STEP_SEGMENTS) * SEGMENT_WORDS;
  let word = min(first, ROWS_APART * ROW_WORDS - SEGMENT_WORDS - 1u) + i * ROWS_APART * ROW_WORDS;
  if (of_a(i, thread)) {
    fill_segment(A_FORMAT, word, values);
  } else {
    fill_segment(B_FORMAT, word, values);
  }
}
