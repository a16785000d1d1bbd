// What a thread of portable.wgsl computes: sixteen rows of eight outputs. Needs: portable.wgsl, eight-rows.wgsl.
const THREAD_ROWS : u32 = 16u;
struct Sums {
  upper : Rows,
  lower : Rows,
}

fn add_columns(sums : Sums, k : u32, y : u32, b : Strip) -> Sums {
  return Sums(add_rows(sums.upper, 0u, k, y, b), add_rows(sums.lower, 1u, k, y, b));
}

fn finish_sums(place : Place, row : u32, col : u32, sums : Sums) {
  finish_rows(place, row, col, sums.upper);
  finish_rows(place, row + 8u, col, sums.lower);
}
