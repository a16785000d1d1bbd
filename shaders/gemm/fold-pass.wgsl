// What folding needs of the scales, once for all workgroups that fold, where codes are decoded in each of them: see
// fold-scales.wgsl. Needs: operands.wgsl and what it needs, fold-layout.wgsl, fold-reference.wgsl, fold-scales.wgsl.
//
// A workgroup takes one row of scales, a thread every 64th of them: 64 threads, since a row has few scales (56 for K =
// 7168 in 1x128 tiles). Workgroup memory (fold-scales.wgsl): 4 bytes, the largest scale's bits, because all factors
// depend on it.
const THREADS : u32 = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let number = workgroup.x + workgroup.y * workgroups.x;
  let rows_of_a = scale_rows(A);
  if (number < rows_of_a) {
    fold_scales(A, number, thread);
  } else if (number < rows_of_a + scale_rows(B)) {
    fold_scales(B, number - rows_of_a, thread);
  }
}
