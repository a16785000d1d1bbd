// Epilogue that writes f32. Needs: strip.wgsl.
@group(0) @binding(5) var<storage, read_write> output : array<vec4<u32>>;

// Writes eight elements from element `index` (a multiple of 8) on.
fn store_output(index : u32, values : Strip) {
  output[index / 4u] = bitcast<vec4<u32>>(values.left);
  output[index / 4u + 1u] = bitcast<vec4<u32>>(values.right);
}

// Whether one of the eight elements from element `index` on is NaN.
fn holds_nan(index : u32) -> bool {
  let left = output[index / 4u] & vec4<u32>(0x7fffffffu);
  let right = output[index / 4u + 1u] & vec4<u32>(0x7fffffffu);
  return any(max(left, right) > vec4<u32>(0x7f800000u));
}
