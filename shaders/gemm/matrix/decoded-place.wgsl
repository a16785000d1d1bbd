// How the halves of an operand lie between decode-pass.wgsl, which writes them, and matrix-decoded.wgsl and
// matrix-mixed.wgsl: in chunks of 16 rows by 16 of K, 512 bytes that 32 threads read at once, so that memory is read in
// whole lines; chunk after chunk along K, then the next 16 rows. A's rows are those of the tiles of D, row of tiles
// after row of tiles; B's are its own, each group's rounded up to whole chunks. Needs: operands.wgsl. Constant:
// ROW_CHUNKS, the chunks of a row, of K rounded up to whole steps; a constant, so that the matrix kernel's addresses
// are.
const CHUNK_ROWS : u32 = 16u;
const CHUNK_WORDS : u32 = 32u;

// Words of a row of chunks.
const ROW_OF_CHUNKS : u32 = ROW_CHUNKS * CHUNK_WORDS;

// Chunks of a group's rows of B.
fn decoded_blocks_of_group() -> u32 {
  return (params.cols + CHUNK_ROWS - 1u) / CHUNK_ROWS;
}

// The row of chunks that holds column `col`, a multiple of 16, of the group whose rows of B begin at `b_row`.
fn decoded_block_of_b(b_row : u32, col : u32) -> u32 {
  return (b_row / params.cols) * decoded_blocks_of_group() + col / CHUNK_ROWS;
}

// The row of a chunk whose two words are the pair number `pair`: in this order eight threads that write neighbouring
// words into the matrix kernels' tile write to different banks.
fn row_of_pair(pair : u32) -> u32 {
  return (pair / 8u) * 8u + (pair % 4u) * 2u + (pair / 4u) % 2u;
}

// The pair whose row that is.
fn pair_of_row(row : u32) -> u32 {
  return (row / 8u) * 8u + (row % 2u) * 4u + (row % 8u) / 2u;
}
