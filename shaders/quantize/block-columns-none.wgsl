// For block.wgsl where no tiles of the transpose are wanted. Needs: nothing.
fn put_column_scale(index : u32, scale : u32) {}
fn put_column_words(at : u32, words : vec4<u32>) {}
