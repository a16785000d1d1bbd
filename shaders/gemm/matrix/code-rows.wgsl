// Which rows' codes a thread brings to a step of the matrix kernels. Needs: matrix-tile.wgsl.

// Rows from one of a thread's units to its next; THREADS is a multiple of 32.
const ROWS_APART : u32 = THREADS / SEGMENTS;
// Words of the tile that a unit fills in a step.
const UNIT_WORDS : u32 = SEGMENT_WORDS / select(1u, 2u, IN_PAIRS);

// The row, of B's columns after A's rows, of a thread's first unit; its segment is thread % SEGMENTS.
// Of two segments a row, the units of 16 rows are ordered so that eight threads that write at once write to different
// banks, and that two threads read the 32 bytes of a row that memory delivers at once; of more segments the plain order
// does so.
fn first_row(thread : u32) -> u32 {
  if (SEGMENTS != 2u) { return thread / SEGMENTS; }
  let pair = (thread % 32u) / 2u;
  let row = (pair / 8u) * 8u + pair % 2u + ((pair / 2u) % 2u) * 4u + ((pair / 4u) % 2u) * 2u;
  return (thread / 32u) * 16u + row;
}

// The word of the tile, from the first unit's row on, where a thread's unit number `i` begins.
fn segment_word(i : u32, thread : u32) -> u32 {
  let first = first_row(thread) * ROW_WORDS + (thread % SEGMENTS) * UNIT_WORDS;
  return min(first, ROWS_APART * ROW_WORDS - UNIT_WORDS - 1u) + i * ROWS_APART * ROW_WORDS;
}
