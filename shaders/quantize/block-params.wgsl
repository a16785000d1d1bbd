// What the shaders over blocks of a source know of it. Needs: nothing.
struct Params {
  // The dispatch's tiles, counted row by row: first_tile to end_tile - 1.
  first_tile : u32,
  end_tile : u32,
  tiles_across : u32,
  tiles_down : u32,
  rows : u32,
  cols : u32,
  // Words from row to row of the codes of the matrix and of its transpose.
  row_pitch : u32,
  column_pitch : u32,
  // What the source's file says.
  source : vec4<u32>,
  second : vec4<u32>,
}

@group(0) @binding(0) var<uniform> params : Params;
