// Transposing codes of 8 bits, in one pass. Needs: transpose.wgsl.
//
// Tile: 64 rows x 128 columns of the source, so that a row of the tile is 128 bytes and a row of the result 64, whole
// sectors of memory both. Threads: 128; each brings 16 columns of 4 rows in accesses of 16 bytes, turns
// them as 4 x 4 bytes in registers into words of 4 rows each, and takes 16 rows of 4 columns away.
// Workgroup memory: 8704 bytes, 16 words a column and one more. With the words of a column's four quads
// exchanged by its upper bits, the 32 words that neighbouring threads write lie in 32 different banks.
//
// The result's rows are padded with zeros up to its pitch; its pitch, a multiple of 128, is whole tiles.
const ROWS : u32 = 64u;
const COLS : u32 = 128u;
const THREADS : u32 = 128u;
const COLUMN : u32 = 17u;

@group(0) @binding(1) var<storage, read> source : array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> result : array<vec4<u32>>;

var<workgroup> words : array<u32, COLS * COLUMN>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (tile >= params.end_tile) { return; }
  let first_row = (tile / params.tiles_across) * ROWS;
  let first_col = (tile % params.tiles_across) * COLS;

  let group = thread / 8u;
  let quad = thread % 8u;
  let row = first_row + group * 4u;
  let place = first_col / 16u + quad;
  let a = source_at(row, place);
  let b = source_at(row + 1u, place);
  let c = source_at(row + 2u, place);
  let d = source_at(row + 3u, place);
  // Of each word's four columns, the even ones and the odd ones, of two rows each.
  let even = vec4<u32>(0x00ff00ffu);
  let odd = vec4<u32>(0xff00ff00u);
  let eight = vec4<u32>(8u);
  let sixteen = vec4<u32>(16u);
  let even_ab = (a & even) | ((b & even) << eight);
  let even_cd = (c & even) | ((d & even) << eight);
  let odd_ab = ((a >> eight) & even) | (b & odd);
  let odd_cd = ((c >> eight) & even) | (d & odd);
  let low = vec4<u32>(0xffffu);
  put(group, quad * 16u, (even_ab & low) | (even_cd << sixteen));
  put(group, quad * 16u + 1u, (odd_ab & low) | (odd_cd << sixteen));
  put(group, quad * 16u + 2u, (even_ab >> sixteen) | (even_cd & ~low));
  put(group, quad * 16u + 3u, (odd_ab >> sixteen) | (odd_cd & ~low));
  workgroupBarrier();

  for (var i = 0u; i < 4u; i++) {
    let item = i * THREADS + thread;
    let column = item / 4u;
    let part = item % 4u;
    if (first_col + column < params.cols) {
      let at = column * COLUMN + ((part * 4u) ^ swap(column));
      let index = (first_col + column) * (params.target_pitch / 4u) + first_row / 16u + part;
      result[index] = vec4<u32>(words[at], words[at + 1u], words[at + 2u], words[at + 3u]);
    }
  }
}

// 16 codes of a row; zeros beyond the last row.
fn source_at(row : u32, place : u32) -> vec4<u32> {
  if (row >= params.rows) { return vec4<u32>(); }
  return source[row * (params.source_pitch / 4u) + place];
}

// Which of a column's quads of words lie exchanged.
fn swap(column : u32) -> u32 {
  return (column / 32u) * 4u;
}

// Four rows' codes, of every fourth column from `column` on.
fn put(group : u32, column : u32, four : vec4<u32>) {
  let at = column * COLUMN + (group ^ swap(column));
  words[at] = four.x;
  words[at + 4u * COLUMN] = four.y;
  words[at + 8u * COLUMN] = four.z;
  words[at + 12u * COLUMN] = four.w;
}
