// Quantising in one pass where a tile is 128 elements of a row: largest magnitude, scale and codes from one read.
// Needs: format.wgsl, decode.wgsl, encode.wgsl, the arithmetic shaders, scale.wgsl, encode-words.wgsl, plain-four.wgsl.
// Constants: those of scale.wgsl, encode-words.wgsl and plain-four.wgsl.
//
// Eight threads share a tile; each reads 16 elements, four times 16 bytes (or 8), so that the loads of neighbouring
// threads are adjacent, keeps them in registers, and writes their codes as four words. 256 threads, 32 tiles: as many
// as the threads of a subgroup that derive a scale each, in integers and hundreds of operations, while the others wait
// once. Workgroup memory: 1.5 KiB, a magnitude for each thread, a scale and a factor for each tile and its inverse.
struct Params {
  // The dispatch's tiles, counted row by row: first_tile to end_tile - 1.
  first_tile : u32,
  end_tile : u32,
  tiles_per_row : u32,
  cols : u32,
  // Elements from row to row of the plain matrix; a multiple of 8.
  pitch : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(2) var<storage, read_write> scales : array<u32>;
@group(0) @binding(3) var<storage, read_write> words : array<u32>;

const TILES : u32 = 32u;

var<workgroup> magnitudes : array<u32, 256>;
var<workgroup> factors : array<Factor, TILES>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let first = params.first_tile + (workgroup.x + workgroup.y * workgroups.x) * TILES;
  let tile = first + thread / 8u;
  let exists = tile < params.end_tile;
  let row = tile / params.tiles_per_row;
  let col = (tile % params.tiles_per_row) * 128u + (thread % 8u) * 4u;
  // Not an array, which a driver that does not unroll a loop over it keeps in memory.
  var v0 = vec4<u32>();
  var v1 = vec4<u32>();
  var v2 = vec4<u32>();
  var v3 = vec4<u32>();
  if (exists) {
    v0 = elements(row, col);
    v1 = elements(row, col + 32u);
    v2 = elements(row, col + 64u);
    v3 = elements(row, col + 96u);
  }
  magnitudes[thread] = max(max(largest_of(v0), largest_of(v1)), max(largest_of(v2), largest_of(v3)));
  workgroupBarrier();
  if (thread < TILES && first + thread < params.end_tile) {
    var largest = AMAX_FLOOR;
    for (var i = 0u; i < 8u; i++) { largest = max(largest, magnitudes[thread * 8u + i]); }
    let scale = scale_bits(largest);
    scales[first + thread] = scale;
    factors[thread] = factor_of(largest, factor_bits(largest, scale));
  }
  workgroupBarrier();
  if (exists) {
    let factor = factors[thread / 8u];
    let at = tile * 32u + thread % 8u;
    words[at] = encode_word(v0, factor);
    words[at + 8u] = encode_word(v1, factor);
    words[at + 16u] = encode_word(v2, factor);
    words[at + 24u] = encode_word(v3, factor);
  }
}
