// Both operands, or A, as halves, once for all workgroups of the matrix kernels, which then read halves where they
// would otherwise decode the same codes in every workgroup that needs them. Needs: operands.wgsl and what it needs,
// halves.wgsl, halves-unit.wgsl, place.wgsl, one of place-*.wgsl, decoded-place.wgsl; decode-a.wgsl for an A of codes
// or quantize-a.wgsl for one of values; decode-b.wgsl, fold-b.wgsl or only-a.wgsl; and fold-rows.wgsl with what it
// needs, which folds scales in for matrix-folded.wgsl, or rows-unfolded.wgsl. Constants: TILE_ROWS, TILE_COLS, GROUPED;
// PARTS (of K, for workgroups of their own). In place of tiles, params.first_tile counts A's blocks of 16 rows, and
// params.end_tile those of both.
//
// A workgroup of 256 threads makes the chunks of 16 rows and of a part of K. A thread decodes half segments, eight
// codes, and writes their 16 bytes, so that neighbours write next to each other; sixteen threads read 128 bytes of a
// row. It asks for the codes of four chunks before it decodes the first, since a load from memory takes longer than
// everything else that it does. Scales that are folded take 64 bytes of workgroup memory (fold-rows.wgsl), 68 with
// fold-scales.wgsl.
@group(0) @binding(9) var<storage, read_write> a_decoded : array<vec4<u32>>;

const THREADS : u32 = 256u;
// Chunks that the threads make at once, and before they go on.
const CHUNKS : u32 = THREADS / CHUNK_WORDS;
const TURN_CHUNKS : u32 = 4u * CHUNKS;
const PART_TURNS : u32 = (ROW_CHUNKS + PARTS * TURN_CHUNKS - 1u) / (PARTS * TURN_CHUNKS);

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let number = workgroup.x + workgroup.y * workgroups.x;
  if (number < params.first_tile * A_PARTS) {
    make_a(number / A_PARTS, number % A_PARTS, thread);
  } else {
    after_a(number - params.first_tile * A_PARTS, thread);
  }
}

// Block number `block` of 16 rows of an operand's halves, in one part of K.
fn decode_block(side : u32, f : Format, block : u32, part : u32, thread : u32) {
  let word = thread % CHUNK_WORDS;
  let row = row_of_pair(word / 2u);
  fold_rows(side, block, part, thread);
  let power = row_power(side, row);
  let source = source_row(side, block * CHUNK_ROWS + row);
  let first = block * ROW_OF_CHUNKS + word;
  for (var turn = 0u; turn < PART_TURNS; turn++) {
    let chunk = (part * PART_TURNS + turn) * TURN_CHUNKS + thread / CHUNK_WORDS;
    let u0 = fetch_half(side, f, source, power, chunk);
    let u1 = fetch_half(side, f, source, power, chunk + CHUNKS);
    let u2 = fetch_half(side, f, source, power, chunk + 2u * CHUNKS);
    let u3 = fetch_half(side, f, source, power, chunk + 3u * CHUNKS);
    write_half(side, f, first, chunk, word % 2u, u0);
    write_half(side, f, first, chunk + CHUNKS, word % 2u, u1);
    write_half(side, f, first, chunk + 2u * CHUNKS, word % 2u, u2);
    write_half(side, f, first, chunk + 3u * CHUNKS, word % 2u, u3);
  }
}

// A segment, half of which becomes halves; nothing beyond the operand.
fn fetch_half(side : u32, f : Format, source : u32, power : f32, chunk : u32) -> Unit {
  if (source >= operand_of(side).rows || chunk >= params.steps) { return Unit(); }
  return Unit(read_segment(side, f, source, chunk), row_factor(side, source, power, chunk * SEGMENT));
}

fn write_half(side : u32, f : Format, first : u32, chunk : u32, part : u32, unit : Unit) {
  if (chunk >= ROW_CHUNKS) { return; }
  let halves = vec4<u32>(quad_halves(f, unit, 2u * part), quad_halves(f, unit, 2u * part + 1u));
  store_halves(side, first + chunk * CHUNK_WORDS, halves);
}

// The operand's row that decoded row `row` holds, or one beyond the operand.
fn source_row(side : u32, row : u32) -> u32 {
  // Without groups decoded rows are the operand's. Dividing to find groups would take longer than decoding.
  if (!GROUPED) { return row; }
  if (side == A) {
    let place = place_at(vec2<u32>(row / TILE_ROWS, 0u), 0u, TILE_ROWS, TILE_COLS);
    return select(params.a.rows, place.row + row % TILE_ROWS, place.row + row % TILE_ROWS < place.row_end);
  }
  let rows = decoded_blocks_of_group() * CHUNK_ROWS;
  return select(params.b.rows, (row / rows) * params.cols + row % rows, row % rows < params.cols);
}
