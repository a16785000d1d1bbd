// Small whole numbers, none of them 0: what is left out of a sum of their products shows.

// Choices of 16 values of a row, two bits each, the first in the lowest.
// `blocks`: such sixteens in a row.
fn whole_choices(row : u32, block : u32, blocks : u32, seed : u32) -> u32 {
  return random_words(row * blocks + block, seed).x;
}

// -2, -1, 1, 2 of the choices 0 to 3.
fn whole_value(choice : u32) -> i32 { return i32(choice) - 2 + i32(choice >> 1u); }
