// The two inputs of SwiGLU as quantised matrices of one format and granularity. Needs: codes-eight.wgsl and what it
// needs. params.source: words from row to row, rows and columns of a tile, scales along the columns.
@group(0) @binding(1) var<storage, read> gate_codes : array<u32>;
@group(0) @binding(2) var<storage, read> gate_scales : array<u32>;
@group(0) @binding(3) var<storage, read> up_codes : array<u32>;
@group(0) @binding(4) var<storage, read> up_scales : array<u32>;

fn gate_eight(row : u32, col : u32) -> Eight {
  let index = (row / params.source.y) * params.source.w + col / params.source.z;
  let at = eight_word(row, col, params.source.x);
  let last = arrayLength(&gate_codes) - 1u;
  let words = vec4<u32>(
    gate_codes[at], gate_codes[min(at + 1u, last)], gate_codes[min(at + 2u, last)], gate_codes[min(at + 3u, last)],
  );
  return values_of_eight(words, scale_of_word(gate_scales[scale_word(index)], index));
}

fn up_eight(row : u32, col : u32) -> Eight {
  let index = (row / params.source.y) * params.source.w + col / params.source.z;
  let at = eight_word(row, col, params.source.x);
  let last = arrayLength(&up_codes) - 1u;
  let words = vec4<u32>(
    up_codes[at], up_codes[min(at + 1u, last)], up_codes[min(at + 2u, last)], up_codes[min(at + 3u, last)],
  );
  return values_of_eight(words, scale_of_word(up_scales[scale_word(index)], index));
}
