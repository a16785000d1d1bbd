// Scales folded into the rows of decode-pass.wgsl: the reference of each row (fold-reference.wgsl) is found where the
// row is decoded, and kept for matrix-folded.wgsl. Needs: operands.wgsl and what it needs, fold-layout.wgsl,
// fold-reference.wgsl, decode-pass.wgsl.
//
// All threads of a workgroup read the scales of its 16 rows. Every part of K does so again: there are few parts, and a
// scale for at least 16 codes. Workgroup memory: 64 bytes, the rows' largest scales.
var<workgroup> largest : array<atomic<u32>, CHUNK_ROWS>;

// Called by all threads of a workgroup before row_power().
fn fold_rows(side : u32, block : u32, part : u32, thread : u32) {
  let operand = operand_of(side);
  let row = thread % CHUNK_ROWS;
  let source = source_row(side, block * CHUNK_ROWS + row);
  if (source < operand.rows) {
    var mine = 0u;
    for (var col = thread / CHUNK_ROWS; col < operand.scale_cols; col += THREADS / CHUNK_ROWS) {
      mine = max(mine, measure_of(scale_at(side, source, col << operand.col_shift)));
    }
    atomicMax(&largest[row], mine);
  }
  workgroupBarrier();
  // Rows of one row of scales find the same.
  if (part == 0u && thread < CHUNK_ROWS && source < operand.rows) {
    folded[reference_index(side, source >> operand.row_shift)] = power_of_two(row_exponent(row));
  }
}

fn row_exponent(row : u32) -> i32 {
  return reference_exponent(atomicLoad(&largest[min(row, CHUNK_ROWS - 1u)]));
}

// What the scales of row `row` of the block are multiplied by.
fn row_power(side : u32, row : u32) -> f32 {
  return power_of_two(lift_of(side) - row_exponent(row));
}

// What the values of the operand's row `source` are multiplied by from element k on.
fn row_factor(side : u32, source : u32, power : f32, k : u32) -> f32 {
  return scale_at(side, source, k) * power;
}
