// Quantising in one pass, to 1 x 128 tiles of the matrix, of its transpose, or of both. Needs: format.wgsl,
// encode.wgsl, the arithmetic shaders, scale.wgsl, eight.wgsl, block-params.wgsl, a block-source-*.wgsl, and of
// block-rows*.wgsl and block-columns*.wgsl one each. Constants: FORMAT (of the codes), DIVIDE_VALUES (values are
// divided by their tile's factor; else multiplied), WRITE_ROWS and WRITE_COLUMNS (what to make).
//
// Tile: 128 x 128 of the source, which holds whole tiles both ways. Threads: 256, each with 8 x 8 values in
// registers, so that the source is read once. Eight codes are whole words, and 32 consecutive threads have 8 by 4
// squares: they read and write at least 32 consecutive bytes of every row they touch. Workgroup memory: 2048 bytes, a
// largest magnitude and a factor for each row and each column.
//
// Beyond the matrix values count as 0, and the codes that pad the results' rows are written as 0.
const SIDE : u32 = 128u;

var<workgroup> row_amax : array<atomic<u32>, SIDE>;
var<workgroup> column_amax : array<atomic<u32>, SIDE>;
var<workgroup> row_factor : array<u32, SIDE>;
var<workgroup> column_factor : array<u32, SIDE>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (tile >= params.end_tile) { return; }
  let tile_row = tile / params.tiles_across;
  let tile_col = tile % params.tiles_across;

  // This thread's first row and column, within the tile and within the matrix.
  let y = ((thread / 8u) % 4u + 4u * (thread / 64u)) * 8u;
  let x = (thread % 8u + 8u * ((thread / 32u) % 2u)) * 8u;
  let row = tile_row * SIDE + y;
  let col = tile_col * SIDE + x;
  var values = array<Eight, 8>();
  if (col < params.cols) {
    let kept = params.cols - col;
    for (var i = 0u; i < 8u; i++) {
      if (row + i < params.rows) { values[i] = first_of_eight(source_eight(row + i, col), kept); }
    }
  }

  var columns = Eight();
  for (var i = 0u; i < 8u; i++) {
    let magnitudes = magnitudes_of_eight(values[i]);
    columns = larger_of_eights(columns, magnitudes);
    if (WRITE_ROWS) { atomicMax(&row_amax[y + i], largest_of_eight(magnitudes)); }
  }
  if (WRITE_COLUMNS) {
    atomicMax(&column_amax[x], columns.left.x);
    atomicMax(&column_amax[x + 1u], columns.left.y);
    atomicMax(&column_amax[x + 2u], columns.left.z);
    atomicMax(&column_amax[x + 3u], columns.left.w);
    atomicMax(&column_amax[x + 4u], columns.right.x);
    atomicMax(&column_amax[x + 5u], columns.right.y);
    atomicMax(&column_amax[x + 6u], columns.right.z);
    atomicMax(&column_amax[x + 7u], columns.right.w);
  }
  workgroupBarrier();

  // Half of the threads take a row's tile each, half a column's.
  let line = thread % SIDE;
  let is_row = thread < SIDE;
  if (select(WRITE_COLUMNS, WRITE_ROWS, is_row)) {
    let amax = max(select(atomicLoad(&column_amax[line]), atomicLoad(&row_amax[line]), is_row), AMAX_FLOOR);
    let scale = scale_bits(amax);
    let factor = factor_bits(amax, scale);
    if (is_row) {
      row_factor[line] = factor;
      let at = tile_row * SIDE + line;
      if (at < params.rows) { put_row_scale(at * params.tiles_across + tile_col, scale); }
    } else {
      column_factor[line] = factor;
      let at = tile_col * SIDE + line;
      if (at < params.cols) { put_column_scale(at * params.tiles_down + tile_row, scale); }
    }
  }
  workgroupBarrier();

  // One loop over both kinds of lines, so that a compiler sees the encoding once.
  let words = code_width(FORMAT) / 4u;
  let turned = transpose_eights(values);
  let rows_left = max(params.rows, row) - row;
  let cols_left = max(params.cols, col) - col;
  for (var line = select(8u, 0u, WRITE_ROWS); line < select(8u, 16u, WRITE_COLUMNS); line++) {
    let i = line % 8u;
    let is_row = line < 8u;
    if (i >= select(cols_left, rows_left, is_row)) { continue; }
    var eight = values[i];
    var factor = row_factor[y + i];
    if (!is_row) {
      eight = turned[i];
      factor = column_factor[x + i];
    }
    let codes = encode_eight(eight, factor, select(rows_left, cols_left, is_row));
    if (is_row) {
      put_row_words((row + i) * params.row_pitch + (col / 8u) * words, codes);
    } else {
      put_column_words((col + i) * params.column_pitch + (row / 8u) * words, codes);
    }
  }
}

// The words of the codes of a tile's eight values, the first `count` of which lie in the matrix: the others may be no
// zeros where the tile's factor is NaN.
fn encode_eight(values : Eight, factor : u32, count : u32) -> vec4<u32> {
  var codes = array_of_eight(values);
  for (var i = 0u; i < 8u; i++) { codes[i] = code_of(codes[i], factor); }
  return pack_eight(FORMAT, first_of_eight(eight_of_array(codes), count));
}

fn code_of(value : u32, factor : u32) -> u32 {
  var scaled = 0u;
  if (DIVIDE_VALUES) { scaled = divide_bits(value, factor); } else { scaled = multiply_bits(value, factor); }
  return encode_bits(FORMAT, scaled, NEAREST_EVEN, SATURATE, 0u);
}
