// The sums of a subgroup, MATRICES_Y x MATRICES_X matrices, at most 4 x 4, and the multiplication that adds to them.
// Needs: matrix-unit.wgsl. Constants: MATRICES_Y, MATRICES_X.
//
// Structures and not arrays: a driver that does not unroll a loop over an array, NVIDIA's for one where the loop holds
// a barrier or a pointer to the array was passed on, keeps the array in memory, and the kernel runs at a tenth of its
// speed.

// What belongs to four rows of matrices; those from MATRICES_Y on are not used.
struct Lefts {
  m0 : Left,
  m1 : Left,
  m2 : Left,
  m3 : Left,
}

struct Column {
  m0 : Result,
  m1 : Result,
  m2 : Result,
  m3 : Result,
}

// Those from MATRICES_X on are not used.
struct Sums {
  c0 : Column,
  c1 : Column,
  c2 : Column,
  c3 : Column,
}

fn load_lefts(subgroup : u32, step : u32, k : u32) -> Lefts {
  var left = Lefts();
  left.m0 = load_left(subgroup, step, k, 0u);
  if (MATRICES_Y > 1u) { left.m1 = load_left(subgroup, step, k, 1u); }
  if (MATRICES_Y > 2u) { left.m2 = load_left(subgroup, step, k, 2u); }
  if (MATRICES_Y > 3u) { left.m3 = load_left(subgroup, step, k, 3u); }
  return left;
}

fn multiply_column(left : Lefts, right : Right, sums : Column) -> Column {
  var column = sums;
  column.m0 = multiply_accumulate(left.m0, right, sums.m0);
  if (MATRICES_Y > 1u) { column.m1 = multiply_accumulate(left.m1, right, sums.m1); }
  if (MATRICES_Y > 2u) { column.m2 = multiply_accumulate(left.m2, right, sums.m2); }
  if (MATRICES_Y > 3u) { column.m3 = multiply_accumulate(left.m3, right, sums.m3); }
  return column;
}

// Adds the products of the subgroup's MATRIX_K number `k` of the step in the tile, number `step` of those that A is
// there for.
fn multiply_one(subgroup : u32, step : u32, k : u32, sums : Sums) -> Sums {
  let left = load_lefts(subgroup, step, k);
  var next = sums;
  next.c0 = multiply_column(left, load_right(subgroup, k, 0u), sums.c0);
  if (MATRICES_X > 1u) { next.c1 = multiply_column(left, load_right(subgroup, k, 1u), sums.c1); }
  if (MATRICES_X > 2u) { next.c2 = multiply_column(left, load_right(subgroup, k, 2u), sums.c2); }
  if (MATRICES_X > 3u) { next.c3 = multiply_column(left, load_right(subgroup, k, 3u), sums.c3); }
  return next;
}

// Row `i` of a column's matrices; i is a constant at each call.
fn of_column(column : Column, i : u32) -> Result {
  if (i == 0u) { return column.m0; }
  if (i == 1u) { return column.m1; }
  if (i == 2u) { return column.m2; }
  return column.m3;
}

// Writes band `i` of a subgroup's sums, one row of matrices, to the tile; i is a constant at each call.
fn store_band(subgroup : u32, i : u32, sums : Sums) {
  store_result(subgroup, 0u, of_column(sums.c0, i));
  if (MATRICES_X > 1u) { store_result(subgroup, 1u, of_column(sums.c1, i)); }
  if (MATRICES_X > 2u) { store_result(subgroup, 2u, of_column(sums.c2, i)); }
  if (MATRICES_X > 3u) { store_result(subgroup, 3u, of_column(sums.c3, i)); }
}

// The same for an i that is not known before, but the same in all threads.
fn store_any_band(subgroup : u32, i : u32, sums : Sums) {
  if (i == 0u) { store_band(subgroup, 0u, sums); }
  if (MATRICES_Y > 1u && i == 1u) { store_band(subgroup, 1u, sums); }
  if (MATRICES_Y > 2u && i == 2u) { store_band(subgroup, 2u, sums); }
  if (MATRICES_Y > 3u && i == 3u) { store_band(subgroup, 3u, sums); }
}
