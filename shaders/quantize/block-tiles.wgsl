// Quantising in one pass where a tile is 128 x 128 elements: largest magnitude, scale and codes, all in one workgroup.
// Needs: format.wgsl, decode.wgsl, encode.wgsl, the arithmetic shaders, scale.wgsl, encode-words.wgsl, plain-four.wgsl.
// Constants: those of scale.wgsl, encode-words.wgsl and plain-four.wgsl.
//
// 256 threads: 32 of them, four elements each, take a row of the tile, so that they read and write whole lines; each
// thread sees to 16 rows. The tile is read twice, by the same workgroup and shortly after another, so that the second
// time it comes out of a cache: 64 elements a thread are more than registers should hold. Workgroup memory: 16 bytes,
// the largest magnitude and the factor.
struct Params {
  // The dispatch's tiles, counted row by row: first_tile to end_tile - 1.
  first_tile : u32,
  end_tile : u32,
  tiles_per_row : u32,
  rows : u32,
  cols : u32,
  // Elements from row to row of the plain matrix; a multiple of 8.
  pitch : u32,
  // Words from row to row of the codes.
  word_pitch : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(2) var<storage, read_write> scales : array<u32>;
@group(0) @binding(3) var<storage, read_write> words : array<u32>;

const SIDE : u32 = 128u;
const ROWS_AT_ONCE : u32 = 8u;

var<workgroup> magnitude : atomic<u32>;
var<workgroup> tile_factor : Factor;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.x + workgroup.y * workgroups.x;
  if (tile >= params.end_tile) { return; }
  let first_row = (tile / params.tiles_per_row) * SIDE;
  let end = min(first_row + SIDE, params.rows);
  let col = (tile % params.tiles_per_row) * SIDE + (thread % 32u) * 4u;

  var own = 0u;
  for (var row = first_row + thread / 32u; row < end; row += ROWS_AT_ONCE) {
    own = max(own, largest_of(elements(row, col)));
  }
  atomicMax(&magnitude, own);
  workgroupBarrier();
  if (thread == 0u) {
    let largest = max(atomicLoad(&magnitude), AMAX_FLOOR);
    let scale = scale_bits(largest);
    scales[tile] = scale;
    tile_factor = factor_of(largest, factor_bits(largest, scale));
  }
  workgroupBarrier();
  let factor = tile_factor;
  for (var row = first_row + thread / 32u; row < end; row += ROWS_AT_ONCE) {
    words[row * params.word_pitch + col / 4u] = encode_word(elements(row, col), factor);
  }
}
