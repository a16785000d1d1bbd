// Which tile of D a workgroup computes, over which part of K. Needs: operands.wgsl.
struct Part {
  tile : u32,
  // Steps of K.
  first_step : u32,
  end_step : u32,
  // Where the part's sums begin in the output: parts follow one another, each as large as D.
  offset : u32,
}

// Of the workgroup that computes tile number `number` of the params' count.
fn part_of(number : u32) -> Part {
  let part = number / params.tiles;
  let first_step = part * params.split_steps;
  return Part(
    number % params.tiles,
    first_step,
    min(first_step + params.split_steps, params.steps),
    part * params.a.rows * params.pitch,
  );
}
