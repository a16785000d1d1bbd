// What the sums of a tile of matrix-folded.wgsl are multiplied with at the end: exponents that its workgroup finds once
// and keeps, for tiles of several bands. Each thread asking for those of each of its strips by itself took 18 us of 481
// at 4096 x 4096 x 4096. Needs: fold.wgsl, place.wgsl, matrix-tile.wgsl. Workgroup memory: 4 bytes a row and a column.
var<workgroup> row_exponents : array<i32, TILE_ROWS>;
var<workgroup> column_exponents : array<i32, TILE_COLS>;

// Called by all threads before the first step.
fn keep_exponents(thread : u32, place : Place) {
  // One loop, so that a row's and a column's are asked for together.
  for (var i = thread; i < max(TILE_ROWS, TILE_COLS); i += THREADS) {
    let row = sum_exponent(place.row + i);
    let column = column_exponent(place.b_row + place.col + i);
    if (i < TILE_ROWS) { row_exponents[min(i, TILE_ROWS - 1u)] = row; }
    if (i < TILE_COLS) { column_exponents[min(i, TILE_COLS - 1u)] = column; }
  }
}

// Of the eight columns that all of a thread's strips have. Called by all threads after the last step.
fn column_powers_of_thread(subgroup : u32, lane : u32) -> ColumnPowers {
  workgroupBarrier();
  let col = strip_place(subgroup, 0u, lane).y;
  return ColumnPowers(powers_of(kept_quad(col)), powers_of(kept_quad(col + 4u)));
}

fn kept_quad(col : u32) -> vec4<i32> {
  let first = min(col, TILE_COLS - 4u);
  return vec4<i32>(
    column_exponents[first], column_exponents[first + 1u], column_exponents[first + 2u], column_exponents[first + 3u],
  );
}
const_assert SUBGROUP_SIZE % ROW_STRIPS == 0u;

// A strip of sums, `at` of the tile, given what column_powers_of_thread() gave.
fn unfolded_strip(at : vec2<u32>, place : Place, columns : ColumnPowers, sums : Strip) -> Strip {
  return unfolded(row_exponents[min(at.x, TILE_ROWS - 1u)], columns, sums);
}
