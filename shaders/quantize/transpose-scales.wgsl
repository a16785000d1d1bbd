// Transposing a grid of scales. Needs: nothing.
// Constants: E8M0_SCALES (scales are e8m0 codes, four to a word; else f32 bits).
//
// A thread writes one word: one scale or four. 64 threads; no workgroup memory: a grid is small beside its matrix.
struct Params {
  // The dispatch's words of the result: first_word to end_word - 1.
  first_word : u32,
  end_word : u32,
  // The source's grid; the result has its columns as rows.
  rows : u32,
  cols : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> source : array<u32>;
@group(0) @binding(2) var<storage, read_write> result : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let word = params.first_word + (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (word >= params.end_word) { return; }
  if (!E8M0_SCALES) {
    result[word] = source[turned(word)];
    return;
  }
  var packed = 0u;
  for (var i = 0u; i < 4u; i++) {
    let index = word * 4u + i;
    if (index < params.rows * params.cols) {
      let from_index = turned(index);
      packed |= ((source[from_index >> 2u] >> ((from_index & 3u) * 8u)) & 0xffu) << (i * 8u);
    }
  }
  result[word] = packed;
}

// The source's index of the result's scale `index`.
fn turned(index : u32) -> u32 {
  return (index % params.rows) * params.cols + index / params.rows;
}
