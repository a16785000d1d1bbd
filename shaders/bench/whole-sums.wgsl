// Outputs of a product of small whole numbers, beside what they must be: the exact sums, in integers.
// Constants: OUT_BITS, 32 or 16, the width of an output.
//
// One output of each square of `side` by `side`, at a place that moves from square to square, so that every row and
// every column of outputs is met along a row or a column of squares. A thread computes one sum from the values' own
// definition, not from the codes. 64 threads: any adapter's least common subgroup sizes divide it. No workgroup memory.
struct Params {
  count : u32,
  m : u32,
  n : u32,
  k : u32,
  // Outputs of a row of D with its padding.
  pitch : u32,
  side : u32,
  // Squares in a row of them.
  across : u32,
  seed_a : u32,
  seed_b : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> d : array<u32>;
// The sum, and the output's bits.
@group(0) @binding(2) var<storage, read_write> results : array<vec2<u32>>;

fn exact_sum(row : u32, col : u32) -> i32 {
  let blocks = (params.k + 15u) / 16u;
  var sum = 0;
  for (var block = 0u; block < blocks; block++) {
    var a = whole_choices(row, block, blocks, params.seed_a);
    var b = whole_choices(col, block, blocks, params.seed_b);
    let end = min(params.k - 16u * block, 16u);
    for (var i = 0u; i < end; i++) {
      sum += whole_value(a & 3u) * whole_value(b & 3u);
      a >>= 2u;
      b >>= 2u;
    }
  }
  return sum;
}

fn output_bits(place : u32) -> u32 {
  if (OUT_BITS == 32u) { return d[place]; }
  return (d[place / 2u] >> (16u * (place % 2u))) & 0xffffu;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (index >= params.count) { return; }
  let down = index / params.across;
  let along = index % params.across;
  let side = params.side;
  let row = min(down * side + (along + down / side) % side, params.m - 1u);
  let col = min(along * side + (down + along / side) % side, params.n - 1u);
  results[index] = vec2<u32>(bitcast<u32>(exact_sum(row, col)), output_bits(row * params.pitch + col));
}
