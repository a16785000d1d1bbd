// What the transposing shaders know of their matrices, whose rows are padded with zero codes to a multiple of 128.
// A workgroup turns one tile; tiles are counted along the source's rows.
struct Params {
  // The dispatch's tiles: first_tile to end_tile - 1.
  first_tile : u32,
  end_tile : u32,
  // Tiles in a row of tiles of the source.
  tiles_across : u32,
  // The source's shape; the target has its columns as rows.
  rows : u32,
  cols : u32,
  // Words from one row of codes to the next.
  source_pitch : u32,
  target_pitch : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
