// Eight rows of eight outputs, and a thread's place in a tile, for the kernels without matrix units. Needs: strip.wgsl,
// and finish_row(place, row, col, sums), which writes a row of them if D has it. Constants: THREADS_X (threads in a
// row).

// Row by row; a structure, since a driver may keep an array in memory.
struct Rows {
  r0 : Strip,
  r1 : Strip,
  r2 : Strip,
  r3 : Strip,
  r4 : Strip,
  r5 : Strip,
  r6 : Strip,
  r7 : Strip,
}

// Column and row of a thread. Threads that run together, 32 or fewer of them, take 4 x 8 blocks, neighbours alternating
// between two rows, and so read few different vectors, half of them at once.
fn thread_place(thread : u32) -> vec2<u32> {
  let group = thread / 32u;
  let x = (group % (THREADS_X / 8u)) * 8u + (thread / 2u) % 8u;
  let y = (group / (THREADS_X / 8u)) * 4u + thread % 2u + (thread % 32u) / 16u * 2u;
  return vec2<u32>(x, y);
}

fn finish_rows(place : Place, row : u32, col : u32, rows : Rows) {
  finish_row(place, row, col, rows.r0);
  finish_row(place, row + 1u, col, rows.r1);
  finish_row(place, row + 2u, col, rows.r2);
  finish_row(place, row + 3u, col, rows.r3);
  finish_row(place, row + 4u, col, rows.r4);
  finish_row(place, row + 5u, col, rows.r5);
  finish_row(place, row + 6u, col, rows.r6);
  finish_row(place, row + 7u, col, rows.r7);
}
