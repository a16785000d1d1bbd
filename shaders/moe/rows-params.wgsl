// What the shaders that lay out experts' rows know. Needs: nothing.
struct Params {
  // The dispatch's experts: first_expert to end_expert - 1.
  first_expert : u32,
  end_expert : u32,
  experts : u32,
  // Tokens times experts of a token.
  assignments : u32,
  // Rows that each expert's are padded to a multiple of.
  alignment : u32,
  // Rows there are.
  capacity : u32,
  // Rows that each expert has room for, in masked groups; 0 in contiguous ones.
  group_rows : u32,
}

// In place of the row of an assignment that has none.
const DROPPED : u32 = 0xffffffffu;

@group(0) @binding(0) var<uniform> params : Params;
