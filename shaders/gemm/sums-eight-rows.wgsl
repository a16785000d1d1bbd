// What a thread of portable.wgsl computes: eight rows of eight outputs. Needs: portable.wgsl, eight-rows.wgsl.
const THREAD_ROWS : u32 = 8u;
alias Sums = Rows;

fn add_columns(sums : Sums, k : u32, y : u32, b : Strip) -> Sums {
  return add_rows(sums, 0u, k, y, b);
}

fn finish_sums(place : Place, row : u32, col : u32, sums : Sums) {
  finish_rows(place, row, col, sums);
}
