// Epilogue that writes f32. Needs: strip.wgsl.
@group(0) @binding(5) var<storage, read_write> output : array<vec4<f32>>;

// Writes eight elements from element `index` (a multiple of 8) on.
fn store_output(index : u32, values : Strip) {
  output[index / 4u] = values.left;
  output[index / 4u + 1u] = values.right;
}
