// Epilogue that adds an f32 C. Needs: strip.wgsl.
@group(0) @binding(6) var<storage, read> addend : array<vec4<f32>>;

// The product's eight elements from element `index` (a multiple of 8) on, C added.
fn add_addend(index : u32, product : Strip) -> Strip {
  return Strip(product.left + addend[index / 4u], product.right + addend[index / 4u + 1u]);
}
