// For block.wgsl where no tiles of the matrix itself are wanted. Needs: nothing.
fn put_row_scale(index : u32, scale : u32) {}
fn put_row_words(at : u32, words : vec4<u32>) {}
