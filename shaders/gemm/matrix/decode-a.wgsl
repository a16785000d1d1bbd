// For decode-pass.wgsl: A's halves out of its codes.
const A_PARTS : u32 = PARTS;

fn make_a(block : u32, part : u32, thread : u32) {
  decode_block(A, A_FORMAT, block, part, thread);
}
