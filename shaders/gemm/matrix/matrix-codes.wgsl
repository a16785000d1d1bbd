// Codes on their way into the tile of the matrix kernels: a unit is a segment of 16 codes of a row, decoded as it is
// written. Needs: matrix-tile.wgsl, code-rows.wgsl, fetch-columns.wgsl and what it needs, one of matrix-fill-*.wgsl.
// Where A_STAGED they are B's alone.
const A_UNIT_ROWS : u32 = select(TILE_ROWS, 0u, A_STAGED);
const A_UNITS : u32 = A_UNIT_ROWS * SEGMENTS;
const ALL_UNITS : u32 = (A_UNIT_ROWS + TILE_COLS) * SEGMENTS;
// The word at which the first unit's row begins.
const FIRST_WORD : u32 = select(0u, A_WORDS, A_STAGED);

// A thread's unit number `i` of the step that begins at segment `first`. Rows beyond the matrices are not looked for:
// buffers are not read beyond their end, and no thread stores what comes of such rows.
fn fetch(i : u32, thread : u32, place : Place, first : u32) -> Unit {
  let row = first_row(thread) + i * ROWS_APART;
  let segment = thread % SEGMENTS;
  if (of_a(i, thread)) { return fetch_row(A, A_FORMAT, place.row + row, first + segment, place.end_step); }
  return fetch_column(row - A_UNIT_ROWS, place, first, segment);
}

fn fill(i : u32, thread : u32, part : u32, values : Unit) {
  if (!UNITS_EVEN && i * THREADS + thread >= ALL_UNITS) { return; }
  let word = FIRST_WORD + segment_word(i, thread);
  if (of_a(i, thread)) {
    fill_unit(A_FORMAT, word, part, values);
  } else {
    fill_unit(B_FORMAT, word, part, values);
  }
}

fn fill_unit(f : Format, word : u32, part : u32, values : Unit) {
  if (IN_PAIRS) {
    fill_half(f, word, part, values);
  } else {
    fill_segment(f, word, values);
  }
}
