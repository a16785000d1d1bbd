// Random data made where it is needed: benchmarks fill hundreds of megabytes, which would take a CPU seconds.
// The words are those of words.wgsl, and uniform values those of src/verify/random.ts, bit for bit; normal values may
// differ in their last bits, because log and cos may.
// Constants: DISTRIBUTION (0 normal, 1 uniform, 2 outliers, 3 log-normal, 4 outlier channels); of outlier channels,
// CHANNEL_EVERY and CHANNEL_AT, which columns they are, and CHANNEL_SCALE, how much larger, as in
// src/experiment/data.ts.
//
// A thread makes one value, so that stores of a subgroup are adjacent. 64 threads: any adapter's least common
// subgroup sizes divide it. No workgroup memory.
struct Params {
  count : u32,
  seed : u32,
  // Values of a row with its padding.
  pitch : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read_write> values : array<f32>;

const NORMAL : u32 = 0u;
const UNIFORM : u32 = 1u;
const OUTLIERS : u32 = 2u;
const LOG_NORMAL : u32 = 3u;
const OUTLIER_CHANNELS : u32 = 4u;

// One value in OUTLIER_EVERY is OUTLIER_SCALE times larger.
const OUTLIER_EVERY : u32 = 1024u;
const OUTLIER_SCALE : f32 = 1e4;

const TWO_PI : f32 = 6.28318530717958647692;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (index >= params.count) { return; }
  let words = random_words(index, params.seed);
  let first = words.x >> 8u;
  if (DISTRIBUTION == UNIFORM) {
    values[index] = f32(first) * 0x1p-24;
    return;
  }
  // The angle lies in [-π, π), where cos is precise; the logarithm's argument in (0, 1].
  let radius = sqrt(-2.0 * log(f32(first + 1u) * 0x1p-24));
  let normal = radius * cos(TWO_PI * (f32(words.y >> 8u) * 0x1p-24 - 0.5));
  let outlier = DISTRIBUTION == OUTLIERS && words.z % OUTLIER_EVERY == 0u;
  let channel = DISTRIBUTION == OUTLIER_CHANNELS && (index % params.pitch) % CHANNEL_EVERY == CHANNEL_AT;
  var value = select(normal, normal * OUTLIER_SCALE, outlier);
  if (channel) { value = normal * CHANNEL_SCALE; }
  if (DISTRIBUTION == LOG_NORMAL) { value = exp(normal); }
  values[index] = value;
}
