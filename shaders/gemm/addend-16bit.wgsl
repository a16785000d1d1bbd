// Epilogue that adds a C of 16-bit elements, two to a word. Needs: strip.wgsl, decode4.wgsl and what it needs.
// Constants: C_FORMAT.
@group(0) @binding(6) var<storage, read> addend : array<vec4<u32>>;

// The product's eight elements from element `index` (a multiple of 8) on, C added.
fn add_addend(index : u32, product : Strip) -> Strip {
  let words = addend[index / 8u];
  let low = words & vec4<u32>(0xffffu);
  let high = words >> vec4<u32>(16u);
  let left = decode4(C_FORMAT, vec4<u32>(low.x, high.x, low.y, high.y));
  let right = decode4(C_FORMAT, vec4<u32>(low.z, high.z, low.w, high.w));
  return Strip(product.left + left, product.right + right);
}
