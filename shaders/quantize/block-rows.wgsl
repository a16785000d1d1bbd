// Where block.wgsl writes the tiles of the matrix itself. Needs: format.wgsl.
// Constants: FORMAT, ROW_CODES and ROW_SCALES (bindings).
@group(0) @binding(ROW_CODES) var<storage, read_write> row_codes : array<u32>;
@group(0) @binding(ROW_SCALES) var<storage, read_write> row_scales : array<u32>;

fn put_row_scale(index : u32, scale : u32) {
  row_scales[index] = scale;
}

// The words of eight codes, from word `at` on.
fn put_row_words(at : u32, words : vec4<u32>) {
  let count = code_width(FORMAT) / 4u;
  row_codes[at] = words.x;
  if (count > 1u) { row_codes[at + 1u] = words.y; }
  if (count > 2u) { row_codes[at + 2u] = words.z; }
  if (count > 3u) { row_codes[at + 3u] = words.w; }
}
