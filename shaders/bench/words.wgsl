// Random words: those of src/verify/random.ts, bit for bit.
fn mix_words(v : vec3<u32>) -> vec3<u32> {
  let x = v.x + v.y * v.z;
  let y = v.y + v.z * x;
  return vec3<u32>(x, y, v.z + x * y);
}

// pcg3d: Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
fn random_words(index : u32, seed : u32) -> vec3<u32> {
  let v = mix_words(vec3<u32>(index, seed, 0u) * 1664525u + 1013904223u);
  return mix_words(v ^ (v >> vec3<u32>(16u)));
}
