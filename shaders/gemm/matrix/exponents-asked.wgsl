// In place of exponents-kept.wgsl for tiles of one band, where a thread has few strips: each asks for what it needs.
// Nothing is kept, because workgroup memory is scarce there: with 192 bytes more for a tile of 16 x 32, NVIDIA's driver
// no longer expects seven workgroups in 48 KiB and gives each thread 159 registers instead of 128, with which six and
// not eight share a multiprocessor: 79 us instead of 67 for 16 x 7168 x 16384. Needs: fold.wgsl, place.wgsl.
fn keep_exponents(thread : u32, place : Place) {}

fn column_powers_of_thread(subgroup : u32, lane : u32) -> ColumnPowers {
  return ColumnPowers();
}

// A strip of sums, `at` of the tile.
fn unfolded_strip(at : vec2<u32>, place : Place, columns : ColumnPowers, sums : Strip) -> Strip {
  return unfolded(sum_exponent(place.row + at.x), column_powers(place.b_row + place.col + at.y), sums);
}
