// What the values of an operand's format are multiplied by before they are halves, so that sums of their products stay
// within what holds these. Constants: A_FACTOR, B_FACTOR (powers of two).
fn lift_of(side : u32) -> f32 {
  return select(B_FACTOR, A_FACTOR, side == A);
}

// What sums of products, once they are promoted and add up in f32, are multiplied by for that: at the very end, where
// it overflows only if the result does.
const UNLIFTED : f32 = 1.0 / (A_FACTOR * B_FACTOR);
