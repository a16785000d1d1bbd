// A quantised matrix as the source of block.wgsl. Needs: codes-eight.wgsl and what it needs.
// params.source: words from row to row, rows and columns of a tile (0xffffffff for all; columns in eights), scales
// along the columns.
@group(0) @binding(1) var<storage, read> codes : array<u32>;
@group(0) @binding(2) var<storage, read> scales : array<u32>;

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  let index = (row / params.source.y) * params.source.w + col / params.source.z;
  let at = eight_word(row, col, params.source.x);
  let last = arrayLength(&codes) - 1u;
  let words = vec4<u32>(
    codes[at], codes[min(at + 1u, last)], codes[min(at + 2u, last)], codes[min(at + 3u, last)],
  );
  return values_of_eight(words, scale_of_word(scales[scale_word(index)], index));
}
