// The sums of a subgroup, MATRICES_Y x MATRICES_X matrices, at most 4 x 4, and the multiplication that adds to them.
// Needs: matrix-unit.wgsl. Constants: MATRICES_Y, MATRICES_X.
//
// Structures and not arrays: a driver that does not unroll a loop over an array, NVIDIA's for one where the loop holds a
// barrier or a pointer to the array was passed on, keeps the array in memory, and the kernel runs at a tenth of its speed.

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

// Matrices of A that lie `stride` words apart.
fn load_lefts(word : u32, stride : u32) -> Lefts {
  var left = Lefts();
  left.m0 = load_left(word);
  if (MATRICES_Y > 1u) { left.m1 = load_left(word + stride); }
  if (MATRICES_Y > 2u) { left.m2 = load_left(word + 2u * stride); }
  if (MATRICES_Y > 3u) { left.m3 = load_left(word + 3u * stride); }
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

// Adds the products of one MATRIX_K: matrices of A from word `a` on, of B from word `b` on, each next of either
// `a_stride` or `b_stride` words on.
fn multiply_one(a : u32, a_stride : u32, b : u32, b_stride : u32, sums : Sums) -> Sums {
  let left = load_lefts(a, a_stride);
  var next = sums;
  next.c0 = multiply_column(left, load_right(b), sums.c0);
  if (MATRICES_X > 1u) { next.c1 = multiply_column(left, load_right(b + b_stride), sums.c1); }
  if (MATRICES_X > 2u) { next.c2 = multiply_column(left, load_right(b + 2u * b_stride), sums.c2); }
  if (MATRICES_X > 3u) { next.c3 = multiply_column(left, load_right(b + 3u * b_stride), sums.c3); }
  return next;
}

// Row `i` of a column's matrices; i is a constant at each call.
fn of_column(column : Column, i : u32) -> Result {
  if (i == 0u) { return column.m0; }
  if (i == 1u) { return column.m1; }
  if (i == 2u) { return column.m2; }
  return column.m3;
}

// Stores row `i` of the sums' matrices from word `word` on, side by side.
fn store_matrices(word : u32, i : u32, sums : Sums) {
  store_result(word, of_column(sums.c0, i));
  if (MATRICES_X > 1u) { store_result(word + MATRIX_N / 4u, of_column(sums.c1, i)); }
  if (MATRICES_X > 2u) { store_result(word + 2u * (MATRIX_N / 4u), of_column(sums.c2, i)); }
  if (MATRICES_X > 3u) { store_result(word + 3u * (MATRIX_N / 4u), of_column(sums.c3, i)); }
}
