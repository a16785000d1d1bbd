// For decode-pass.wgsl where nothing is to be done for B.
fn after_a(number : u32, thread : u32) {}

fn store_halves(side : u32, at : u32, halves : vec4<u32>) {
  a_decoded[at] = halves;
}
