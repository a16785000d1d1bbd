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
}

@group(0) @binding(0) var<uniform> params : Params;
