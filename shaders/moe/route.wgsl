// Expert routing, a workgroup to a token. The oracle is src/moe/routing.ts, which says what is chosen.
// Needs: sigmoid.wgsl and what it needs, HALVES and HALF_FORMAT of plain-eight.wgsl.
//
// Threads: 64, which share the experts. An expert's place is the count of those before it, so that nothing is sorted
// and no two threads write one place. Workgroup memory: 8.75 KiB, an affinity and a key for each of 1024 experts, and a
// key for each of 64 groups, a place for each of 64 choices and of 64 groups.
struct Params {
  // The dispatch's tokens: first_token to end_token - 1.
  first_token : u32,
  end_token : u32,
  experts : u32,
  top_k : u32,
  groups : u32,
  top_groups : u32,
  // Affinities that make a group's score.
  scored : u32,
  // f32 bits.
  scale : u32,
  // Elements from row to row of the logits.
  pitch : u32,
}

const THREADS : u32 = 64u;

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> logits : array<u32>;
@group(0) @binding(2) var<storage, read> bias : array<u32>;
@group(0) @binding(3) var<storage, read_write> chosen_experts : array<u32>;
@group(0) @binding(4) var<storage, read_write> gates : array<u32>;

var<workgroup> affinities : array<u32, 1024>;
var<workgroup> keys : array<u32, 1024>;
var<workgroup> group_keys : array<u32, 64>;
var<workgroup> group_open : array<u32, 64>;
var<workgroup> chosen : array<u32, 64>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let token = params.first_token + workgroup.y * workgroups.x + workgroup.x;
  if (token >= params.end_token) { return; }
  for (var e = thread; e < params.experts; e += THREADS) {
    let affinity = affinity_of(logit_at(token * params.pitch + e));
    affinities[e] = affinity;
    keys[e] = key_of(add_step(affinity, bias[e]));
  }
  workgroupBarrier();

  let size = params.experts / params.groups;
  if (thread < params.groups) { group_keys[thread] = key_of(group_score(thread * size, size)); }
  workgroupBarrier();
  if (thread < params.groups) {
    var before = 0u;
    for (var g = 0u; g < params.groups; g++) { before += u32(precedes_group(g, thread)); }
    group_open[thread] = u32(before < params.top_groups);
  }
  workgroupBarrier();

  for (var e = thread; e < params.experts; e += THREADS) {
    if (group_open[e / size] == 1u) {
      var before = 0u;
      for (var other = 0u; other < params.experts; other++) {
        before += group_open[other / size] * u32(precedes(other, e));
      }
      if (before < params.top_k) { chosen[before] = e; }
    }
  }
  workgroupBarrier();

  if (thread == 0u) {
    var sum = 0u;
    for (var k = 0u; k < params.top_k; k++) { sum = add_step(sum, affinities[chosen[k]]); }
    for (var k = 0u; k < params.top_k; k++) {
      let at = token * params.top_k + k;
      var share = 0u;
      if (sum != 0u) { share = divide_bits(affinities[chosen[k]], sum); }
      chosen_experts[at] = chosen[k];
      gates[at] = multiply_bits(share, params.scale);
    }
  }
}

fn logit_at(index : u32) -> u32 {
  if (!HALVES) { return logits[index]; }
  return decode_bits(HALF_FORMAT, (logits[index / 2u] >> ((index % 2u) * 16u)) & 0xffffu);
}

fn affinity_of(logit : u32) -> u32 {
  if ((logit & ~F32_SIGN) > F32_INFINITY) { return 0u; }
  return sigmoids(logit).here;
}

// An integer that is ordered like the number; above 0 for every number.
fn key_of(bits : u32) -> u32 {
  return select(bits | F32_SIGN, ~bits, (bits & F32_SIGN) != 0u);
}

fn number_of(key : u32) -> u32 {
  return select(~key, key & ~F32_SIGN, (key & F32_SIGN) != 0u);
}

fn precedes(e : u32, other : u32) -> bool {
  return keys[e] > keys[other] || (keys[e] == keys[other] && e < other);
}

fn precedes_group(g : u32, other : u32) -> bool {
  return group_keys[g] > group_keys[other] || (group_keys[g] == group_keys[other] && g < other);
}

// The sum of the highest keys' numbers, the highest first.
fn group_score(first : u32, size : u32) -> u32 {
  var sum = 0u;
  var last = first;
  for (var n = 0u; n < params.scored; n++) {
    // The highest of those that come after the one before.
    var found = first + size;
    for (var e = first; e < first + size; e++) {
      if (n > 0u && !precedes(last, e)) { continue; }
      if (found == first + size || precedes(e, found)) { found = e; }
    }
    sum = add_step(sum, number_of(keys[min(found, params.experts - 1u)]));
    last = found;
  }
  return sum;
}
