// What the sums of a tile of matrix-folded.wgsl are multiplied with at the end: exponents that its workgroup finds once
// and keeps, for tiles of several bands. Each thread asking for those of each of its strips by itself took 18 us of 481
// at 4096 x 4096 x 4096. Needs: fold.wgsl, place.wgsl, matrix-tile.wgsl. Workgroup memory: 4 bytes a row and a column.
var<workgroup> row_exponents : array<i32, TILE_ROWS>;
var<workgroup> column_exponents : array<vec4<i32>, TILE_COLS / 4u>;

// Called by all threads before the first step.
fn keep_exponents(thread : u32, place : Place) {
  for (var i = thread; i < TILE_ROWS; i += THREADS) { row_exponents[i] = sum_exponent(place.row + i); }
  for (var i = thread; i < TILE_COLS / 4u; i += THREADS) {
    column_exponents[i] = column_quad(place.b_row + place.col + 4u * i);
  }
}

// Of the eight columns that all of a thread's strips have. Called by all threads after the last step.
fn column_powers_of_thread(subgroup : u32, lane : u32) -> ColumnPowers {
  workgroupBarrier();
  let quad = min(strip_place(subgroup, 0u, lane).y / 4u, TILE_COLS / 4u - 2u);
  return ColumnPowers(powers_of(column_exponents[quad]), powers_of(column_exponents[quad + 1u]));
}
const_assert SUBGROUP_SIZE % ROW_STRIPS == 0u;

// A strip of sums, `at` of the tile, given what column_powers_of_thread() gave.
fn unfolded_strip(at : vec2<u32>, place : Place, columns : ColumnPowers, sums : Strip) -> Strip {
  return unfolded(row_exponents[min(at.x, TILE_ROWS - 1u)], columns, sums);
}
