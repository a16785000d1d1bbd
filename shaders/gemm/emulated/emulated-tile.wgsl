// The operands of a tile in workgroup memory, as emulated.wgsl computes with them: values and powers of 16 (see
// aligned.wgsl), decoded by a table. Needs: operands.wgsl and what it needs, special.wgsl.
// Constants: TILE_ROWS, TILE_COLS.
const ROUND : u32 = 32u;
const QUADS : u32 = ROUND / 4u;
const SEGMENTS : u32 = ROUND / SEGMENT;
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS_Y : u32 = TILE_ROWS / 4u;
const THREADS : u32 = THREADS_X * THREADS_Y;
// Segments that a thread brings each round.
const A_SEGMENTS : u32 = TILE_ROWS * SEGMENTS / THREADS;
const B_SEGMENTS : u32 = TILE_COLS * SEGMENTS / THREADS;

// An operand's power and its value, the upper half of either f32's bits: both have few enough significant bits, and
// half the memory lets twice as many workgroups share a core. Number quad * TILE_ROWS + slot holds four consecutive k
// of a row; whole vectors are written, each by one thread. The rows of one thread's outputs lie THREADS_Y slots apart
// (columns THREADS_X), so that neighbouring threads read neighbouring vectors.
var<workgroup> a_tile : array<vec4<u32>, QUADS * TILE_ROWS>;
var<workgroup> b_tile : array<vec4<u32>, QUADS * TILE_COLS>;
// The same by code.
var<workgroup> a_table : array<u32, 256>;
var<workgroup> b_table : array<u32, 256>;
// Rows of the tile's operands in which a NaN or an infinity was seen, a bit each.
var<workgroup> a_special : array<atomic<u32>, 2>;
var<workgroup> b_special : array<atomic<u32>, 2>;

// The power of NaN and infinity in the tables: 2^-126, which is no other operand's. It may spoil the sums that it is
// part of, which are computed again.
const SPECIAL_POWER : u32 = 1u << 23u;

// A code's power and value for the tables. NaN and infinity count as zero: what they are part of is computed again.
fn table_entry(f : Format, code : u32) -> u32 {
  let magnitude_bits = f.exponent_bits + f.mantissa_bits;
  let magnitude = code & ((1u << magnitude_bits) - 1u);
  if (is_special(f, code)) { return SPECIAL_POWER; }
  if (magnitude == 0u) { return 0u; }
  // A subnormal keeps the exponent of the smallest normal.
  let exponent = max(i32(magnitude >> f.mantissa_bits), 1) - f.bias;
  return (u32(4 * exponent + 127) << 23u) | (bitcast<u32>(decode(f, code)) >> 16u);
}

fn any_special(entries : vec4<u32>) -> bool {
  return any(entries == vec4<u32>(SPECIAL_POWER));
}

// One segment of A, number `unit` of the tile's, from the next round's registers into the tile. Here and below, numbers
// are within the bounds that they are held to; saying so spares a check of each index (robustness).
fn fill_a(unit : u32, segment : Segment) {
  let number = min(unit, TILE_ROWS * SEGMENTS - 1u);
  let row = number % TILE_ROWS;
  let slot = (row % 4u) * THREADS_Y + row / 4u;
  for (var quad = 0u; quad < 4u; quad++) {
    let codes = segment_codes(A_FORMAT, segment, quad);
    let entries = vec4<u32>(
      a_table[codes.x % 256u], a_table[codes.y % 256u], a_table[codes.z % 256u], a_table[codes.w % 256u]
    );
    let at = ((number / TILE_ROWS) * 4u + quad) * TILE_ROWS + slot;
    a_tile[at] = entries;
    if (any_special(entries)) { atomicOr(&a_special[row / 32u], 1u << (row % 32u)); }
  }
}

fn fill_b(unit : u32, segment : Segment) {
  let number = min(unit, TILE_COLS * SEGMENTS - 1u);
  let col = number % TILE_COLS;
  let slot = (col % 8u) * THREADS_X + col / 8u;
  for (var quad = 0u; quad < 4u; quad++) {
    let codes = segment_codes(B_FORMAT, segment, quad);
    let entries = vec4<u32>(
      b_table[codes.x % 256u], b_table[codes.y % 256u], b_table[codes.z % 256u], b_table[codes.w % 256u]
    );
    let at = ((number / TILE_COLS) * 4u + quad) * TILE_COLS + slot;
    b_tile[at] = entries;
    if (any_special(entries)) { atomicOr(&b_special[col / 32u], 1u << (col % 32u)); }
  }
}

// The segment of the tile's rows that a unit of a round is, `first` being the round's first: the last row's for rows
// beyond it, whose results nobody reads.
fn fetch(side : u32, f : Format, tile_rows : u32, first_row : u32, unit : u32, first : u32) -> Segment {
  let row = min(first_row + unit % tile_rows, operand_of(side).rows - 1u);
  return read_segment(side, f, row, first + unit / tile_rows);
}

// Four rows' powers at four consecutive k, a vector of rows for each k. The value in a word's lower half makes a power
// larger by less than a 128th, and so no sum of eight of them 16 times as large (aligned.wgsl).
fn powers_of(r0 : vec4<u32>, r1 : vec4<u32>, r2 : vec4<u32>, r3 : vec4<u32>) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(
    bitcast<vec4<f32>>(r0), bitcast<vec4<f32>>(r1), bitcast<vec4<f32>>(r2), bitcast<vec4<f32>>(r3)
  ));
}

fn values_of(r0 : vec4<u32>, r1 : vec4<u32>, r2 : vec4<u32>, r3 : vec4<u32>) -> mat4x4<f32> {
  let half = vec4<u32>(16u);
  return powers_of(r0 << half, r1 << half, r2 << half, r3 << half);
}

// Where a thread's rows lie is said in each of these, since the compiler's range analysis ends where a function does.
fn a_powers(quad : u32, y : u32) -> mat4x4<f32> {
  let at = min(quad, QUADS - 1u) * TILE_ROWS + min(y, THREADS_Y - 1u);
  return powers_of(a_tile[at], a_tile[at + THREADS_Y], a_tile[at + 2u * THREADS_Y], a_tile[at + 3u * THREADS_Y]);
}

fn a_values(quad : u32, y : u32) -> mat4x4<f32> {
  let at = min(quad, QUADS - 1u) * TILE_ROWS + min(y, THREADS_Y - 1u);
  return values_of(a_tile[at], a_tile[at + THREADS_Y], a_tile[at + 2u * THREADS_Y], a_tile[at + 3u * THREADS_Y]);
}

// Of the four columns from the thread's column `first` (0 or 4) on.
fn b_powers(quad : u32, x : u32, first : u32) -> mat4x4<f32> {
  let at = min(quad, QUADS - 1u) * TILE_COLS + min(first, 4u) * THREADS_X + min(x, THREADS_X - 1u);
  return powers_of(b_tile[at], b_tile[at + THREADS_X], b_tile[at + 2u * THREADS_X], b_tile[at + 3u * THREADS_X]);
}

fn b_values(quad : u32, x : u32, first : u32) -> mat4x4<f32> {
  let at = min(quad, QUADS - 1u) * TILE_COLS + min(first, 4u) * THREADS_X + min(x, THREADS_X - 1u);
  return values_of(b_tile[at], b_tile[at + THREADS_X], b_tile[at + 2u * THREADS_X], b_tile[at + 3u * THREADS_X]);
}
