// For decode-pass.wgsl, after A's workgroups: B's scales are folded for workgroups that decode B themselves, a row of
// scales in each. Needs: fold-scales.wgsl and what it needs.
fn after_a(number : u32, thread : u32) {
  if (number < scale_rows(B)) { fold_scales(B, number, thread); }
}

fn store_halves(side : u32, at : u32, halves : vec4<u32>) {
  a_decoded[at] = halves;
}
