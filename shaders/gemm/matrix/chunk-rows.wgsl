// Where the words of decoded chunks that a thread brings to a step lie in the tile of the matrix kernels. Needs:
// matrix-tile.wgsl, decoded-place.wgsl.

// Chunks from one of a thread's units to its next, and whether these are whole rows of chunks of the tile.
const CHUNKS_APART : u32 = THREADS / CHUNK_WORDS;
const WHOLE_ROWS : bool = CHUNKS_APART % STEP_SEGMENTS == 0u;

// Row of chunks of the tile, B's after A's, and chunk of that row that a thread's unit number `i` lies in.
fn chunk_place(i : u32, thread : u32) -> vec2<u32> {
  let chunk = thread / CHUNK_WORDS;
  // Said so that what is constant is seen to be.
  if (WHOLE_ROWS) {
    return vec2<u32>(chunk / STEP_SEGMENTS + i * (CHUNKS_APART / STEP_SEGMENTS), chunk % STEP_SEGMENTS);
  }
  let number = chunk + i * CHUNKS_APART;
  return vec2<u32>(number / STEP_SEGMENTS, number % STEP_SEGMENTS);
}

// A word of eight halves, a thread's number `i`, into the tile.
fn fill_chunk(i : u32, thread : u32, halves : vec4<u32>) {
  let at = chunk_place(0u, thread);
  let row = at.x * CHUNK_ROWS + row_of_pair((thread % CHUNK_WORDS) / 2u);
  let first = row * ROW_WORDS + at.y * SEGMENT_WORDS + thread % 2u;
  if (WHOLE_ROWS) {
    let apart = CHUNKS_APART / STEP_SEGMENTS * CHUNK_ROWS * ROW_WORDS;
    tile[min(first, apart - 2u) + min(i, UNITS - 1u) * apart] = halves;
    return;
  }
  let there = chunk_place(i, thread);
  let word = (there.x * CHUNK_ROWS + row_of_pair((thread % CHUNK_WORDS) / 2u)) * ROW_WORDS + there.y * SEGMENT_WORDS;
  tile[min(word + thread % 2u, OPERAND_WORDS - 1u)] = halves;
}
