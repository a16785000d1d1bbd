// Where block.wgsl writes the tiles of the transpose. Needs: format.wgsl.
// Constants: FORMAT, COLUMN_CODES and COLUMN_SCALES (bindings).
@group(0) @binding(COLUMN_CODES) var<storage, read_write> column_codes : array<u32>;
@group(0) @binding(COLUMN_SCALES) var<storage, read_write> column_scales : array<u32>;

fn put_column_scale(index : u32, scale : u32) {
  column_scales[index] = scale;
}

// The words of eight codes, from word `at` on.
fn put_column_words(at : u32, words : vec4<u32>) {
  let count = code_width(FORMAT) / 4u;
  column_codes[at] = words.x;
  if (count > 1u) { column_codes[at + 1u] = words.y; }
  if (count > 2u) { column_codes[at + 2u] = words.z; }
  if (count > 3u) { column_codes[at + 3u] = words.w; }
}
