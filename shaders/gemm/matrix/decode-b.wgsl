// For decode-pass.wgsl, after A's workgroups: B is decoded as A is.
@group(0) @binding(10) var<storage, read_write> b_decoded : array<vec4<u32>>;

// Of workgroup number `number` after A's.
fn after_a(number : u32, thread : u32) {
  let block = number / PARTS;
  if (params.first_tile + block < params.end_tile) { decode_block(B, B_FORMAT, block, number % PARTS, thread); }
}

fn store_halves(side : u32, at : u32, halves : vec4<u32>) {
  if (side == A) {
    a_decoded[at] = halves;
  } else {
    b_decoded[at] = halves;
  }
}
