// Transposing codes of any width. Needs: format.wgsl, pack.wgsl, transpose.wgsl.
// Constants: FORMAT (of the codes).
//
// Tile: 32 rows x 64 columns of the source. Threads: 64; each brings one chunk of 32 codes of a row and takes one
// chunk of a column away, because chunks are whole words in every width. Workgroup memory: 8320 bytes, a word a
// code, 65 words a row so that neighbouring threads' words lie in different banks.
const ROWS : u32 = 32u;
const COLS : u32 = 64u;
const PITCH : u32 = COLS + 1u;

@group(0) @binding(1) var<storage, read> source : array<u32>;
@group(0) @binding(2) var<storage, read_write> result : array<u32>;

var<workgroup> codes : array<u32, ROWS * PITCH>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (tile >= params.end_tile) { return; }
  let first_row = (tile / params.tiles_across) * ROWS;
  let first_col = (tile % params.tiles_across) * COLS;

  let row = thread / 2u;
  let chunk = (thread % 2u) * CHUNK;
  let base = (first_row + row) * params.source_pitch + ((first_col + chunk) / CHUNK) * code_width(FORMAT);
  let last = arrayLength(&source) - 1u;
  for (var i = 0u; i < CHUNK; i++) {
    var code = 0u;
    if (first_row + row < params.rows) {
      let word = base + code_word(FORMAT, i);
      code = unpack_code(FORMAT, i, source[word], source[min(word + 1u, last)]);
    }
    codes[row * PITCH + chunk + i] = code;
  }
  workgroupBarrier();

  let column = first_col + thread;
  if (column >= params.cols) { return; }
  var mine = array<u32, 32>();
  for (var i = 0u; i < CHUNK; i++) { mine[i] = codes[i * PITCH + thread]; }
  let bits = code_width(FORMAT);
  let target_base = column * params.target_pitch + (first_row / CHUNK) * bits;
  for (var w = 0u; w < bits; w++) { result[target_base + w] = pack_word(FORMAT, &mine, w); }
}
