// Patches of codes, four rows by eight k, on their way into the tiles of portable.wgsl. Needs: operands.wgsl and what
// it needs, octet.wgsl, before-end.wgsl, and pair_at(side, index), two words of an operand's codes. Constant: TAIL (a
// step may reach beyond the last segment).

// The words that hold each row's codes, and the rows' scales.
struct Patch {
  r0 : vec4<u32>,
  r1 : vec4<u32>,
  r2 : vec4<u32>,
  r3 : vec4<u32>,
  scales : vec4<f32>,
}

// Rows `row` to `row` + 3, eight k from 8 * `octet` on; nothing from segment `end` on. Whether the rows have one scale.
fn fetch_patch(side : u32, f : Format, one_scale : bool, row : u32, octet : u32, end : u32) -> Patch {
  if (TAIL && octet >= 2u * end) { return Patch(); }
  let pitch = operand_of(side).word_pitch;
  let first = row * pitch + octet_word(f, octet);
  let rows = vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u);
  return Patch(
    octet_words(side, f, first),
    octet_words(side, f, first + pitch),
    octet_words(side, f, first + 2u * pitch),
    octet_words(side, f, first + 3u * pitch),
    scales_at(side, rows, 8u * octet, one_scale),
  );
}

// As many words from `first` on as eight codes may lie in.
fn octet_words(side : u32, f : Format, first : u32) -> vec4<u32> {
  // Eight codes of eight bits begin at eight bytes.
  if (code_width(f) == 8u) { return vec4<u32>(pair_at(side, first >> 1u), 0u, 0u); }
  let count = octet_length(f);
  var words = vec4<u32>(word_at(side, first), 0u, 0u, 0u);
  if (count > 1u) { words.y = word_at(side, first + 1u); }
  if (count > 2u) { words.z = word_at(side, first + 2u); }
  if (count > 3u) { words.w = word_at(side, first + 3u); }
  return words;
}

fn word_at(side : u32, index : u32) -> u32 {
  return pair_at(side, index >> 1u)[index & 1u];
}

// Four rows' values of four k, from element k on, times the rows' scales: a vector for each k.
fn scaled_rows(r0 : vec4<f32>, r1 : vec4<f32>, r2 : vec4<f32>, r3 : vec4<f32>, scales : vec4<f32>, k : u32) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(
    before_end(r0 * scales.x, k),
    before_end(r1 * scales.y, k),
    before_end(r2 * scales.z, k),
    before_end(r3 * scales.w, k),
  ));
}

// Those of half a patch, its first four k or its others, as fetch_patch() brings it.
fn patch_values(f : Format, halves : bool, codes : Patch, octet : u32, half : u32) -> mat4x4<f32> {
  return scaled_rows(
    quad_values(f, halves, codes.r0, octet, half),
    quad_values(f, halves, codes.r1, octet, half),
    quad_values(f, halves, codes.r2, octet, half),
    quad_values(f, halves, codes.r3, octet, half),
    codes.scales,
    8u * octet + 4u * half,
  );
}
