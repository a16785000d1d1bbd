// What matrix.wgsl computes, by one thread for each tile, in f32 or in whole numbers: on adapters without matrix units.
// Needs: one of the element-*.wgsl.
@group(0) @binding(1) var<storage, read> a : array<OperandWord>;
@group(0) @binding(2) var<storage, read> b : array<OperandWord>;
@group(0) @binding(3) var<storage, read> c : array<Result>;
@group(0) @binding(4) var<storage, read_write> d : array<Result>;

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) workgroup : vec3<u32>) {
  let tile = workgroup.x;
  for (var row = 0u; row < M; row++) {
    for (var col = 0u; col < N; col++) {
      let entry = row * N + col;
      var sum = c[tile * M * N + entry];
      for (var i = 0u; i < K; i++) {
        let left = (tile * M + row) * K + i;
        let right = (tile * N + col) * K + i;
        sum += element(a[left / PER_WORD], left) * element(b[right / PER_WORD], right);
      }
      d[tile * COPIES * M * N + entry] = sum;
    }
  }
}
