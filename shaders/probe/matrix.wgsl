// A * B + C by the matrix unit, tile by tile: M x K by K x N. Needs: one of the matrix-*-*.wgsl for the types.
// One tile a workgroup of THREADS threads, the largest subgroup size, as subgroup matrices demand; no workgroup memory.
// Where subgroups are smaller a workgroup has several, up to COPIES: each computes the tile and stores its own copy.

// Tile after tile; B column by column.
@group(0) @binding(1) var<storage, read> a : array<OperandWord>;
@group(0) @binding(2) var<storage, read> b : array<OperandWord>;
@group(0) @binding(3) var<storage, read> c : array<Result>;
@group(0) @binding(4) var<storage, read_write> d : array<Result>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup : vec3<u32>, @builtin(subgroup_id) subgroup : u32) {
  let tile = workgroup.x;
  // Offsets and strides count the elements of the arrays.
  let stride = K / PER_WORD;
  let left = subgroupMatrixLoad<subgroup_matrix_left<Operand, K, M>, row_major>(&a, tile * M * stride, stride);
  let right = subgroupMatrixLoad<subgroup_matrix_right<Operand, N, K>, col_major>(&b, tile * N * stride, stride);
  let addend = subgroupMatrixLoad<subgroup_matrix_result<Result, N, M>, row_major>(&c, tile * M * N, N);
  let copy = tile * COPIES + min(subgroup, COPIES - 1u);
  subgroupMatrixStore<row_major>(&d, copy * M * N, subgroupMatrixMultiplyAccumulate(left, right, addend), N);
}
