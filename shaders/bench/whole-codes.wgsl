// The codes of small whole numbers, packed, and zeros in the padding of rows.
// Constants: CODE_BITS, the width of a code; CODES, the codes of whole_value's four values.
//
// A thread makes one word, whose first and last codes may straddle it. 64 threads: any adapter's least common subgroup
// sizes divide it. No workgroup memory.
struct Params {
  words : u32,
  // Words of a row with its padding.
  row_words : u32,
  cols : u32,
  // Sixteens of values in a row.
  blocks : u32,
  seed : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read_write> words : array<u32>;

fn code_at(row : u32, col : u32) -> u32 {
  if (col >= params.cols) { return 0u; }
  let choices = whole_choices(row, col / 16u, params.blocks, params.seed);
  // A copy: only a variable is indexed by what is no constant.
  var codes = CODES;
  return codes[(choices >> (2u * (col % 16u))) & 3u];
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (index >= params.words) { return; }
  let row = index / params.row_words;
  let first_bit = (index % params.row_words) * 32u;
  var word = 0u;
  for (var col = first_bit / CODE_BITS; col * CODE_BITS < first_bit + 32u; col++) {
    let bit = col * CODE_BITS;
    let code = code_at(row, col);
    word |= select(code >> (first_bit - bit), code << (bit - first_bit), bit >= first_bit);
  }
  words[index] = word;
}
