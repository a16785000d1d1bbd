// Eight consecutive words of a row, and what is done to all of them. Needs: format.wgsl.
struct Eight {
  left : vec4<u32>,
  right : vec4<u32>,
}

// As an array, for loops that call something large once.
fn array_of_eight(e : Eight) -> array<u32, 8> {
  return array<u32, 8>(e.left.x, e.left.y, e.left.z, e.left.w, e.right.x, e.right.y, e.right.z, e.right.w);
}

fn eight_of_array(a : array<u32, 8>) -> Eight {
  return Eight(vec4<u32>(a[0], a[1], a[2], a[3]), vec4<u32>(a[4], a[5], a[6], a[7]));
}

// The first `count`, and zeros.
fn first_of_eight(e : Eight, count : u32) -> Eight {
  let zero = vec4<u32>();
  return Eight(
    select(zero, e.left, vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(count)),
    select(zero, e.right, vec4<u32>(4u, 5u, 6u, 7u) < vec4<u32>(count)),
  );
}

// Of f32 bits without their signs, which are ordered like the magnitudes, NaN above infinity.
fn magnitudes_of_eight(e : Eight) -> Eight {
  return Eight(e.left & vec4<u32>(~F32_SIGN), e.right & vec4<u32>(~F32_SIGN));
}

fn larger_of_eights(a : Eight, b : Eight) -> Eight {
  return Eight(max(a.left, b.left), max(a.right, b.right));
}

fn largest_of_eight(e : Eight) -> u32 {
  let four = max(e.left, e.right);
  let two = max(four.xy, four.zw);
  return max(two.x, two.y);
}

// Row i of the result holds column i.
fn transpose_eights(e : array<Eight, 8>) -> array<Eight, 8> {
  let a = transpose_fours(e[0].left, e[1].left, e[2].left, e[3].left);
  let b = transpose_fours(e[4].left, e[5].left, e[6].left, e[7].left);
  let c = transpose_fours(e[0].right, e[1].right, e[2].right, e[3].right);
  let d = transpose_fours(e[4].right, e[5].right, e[6].right, e[7].right);
  return array<Eight, 8>(
    Eight(a[0], b[0]), Eight(a[1], b[1]), Eight(a[2], b[2]), Eight(a[3], b[3]),
    Eight(c[0], d[0]), Eight(c[1], d[1]), Eight(c[2], d[2]), Eight(c[3], d[3]),
  );
}

fn transpose_fours(a : vec4<u32>, b : vec4<u32>, c : vec4<u32>, d : vec4<u32>) -> array<vec4<u32>, 4> {
  return array<vec4<u32>, 4>(
    vec4<u32>(a.x, b.x, c.x, d.x),
    vec4<u32>(a.y, b.y, c.y, d.y),
    vec4<u32>(a.z, b.z, c.z, d.z),
    vec4<u32>(a.w, b.w, c.w, d.w),
  );
}

// Eight codes of 4, 8, 12 or 16 bits as they lie in one to four words (pack.wgsl); the other words are 0.
fn pack_eight(f : Format, e : Eight) -> vec4<u32> {
  let a = e.left;
  let b = e.right;
  switch (code_width(f)) {
    case 4u: {
      return vec4<u32>(
        a.x | (a.y << 4u) | (a.z << 8u) | (a.w << 12u) | (b.x << 16u) | (b.y << 20u) | (b.z << 24u) | (b.w << 28u),
        0u, 0u, 0u,
      );
    }
    case 8u: {
      return vec4<u32>(
        a.x | (a.y << 8u) | (a.z << 16u) | (a.w << 24u), b.x | (b.y << 8u) | (b.z << 16u) | (b.w << 24u), 0u, 0u,
      );
    }
    case 12u: {
      return vec4<u32>(
        a.x | (a.y << 12u) | (a.z << 24u),
        (a.z >> 8u) | (a.w << 4u) | (b.x << 16u) | (b.y << 28u),
        (b.y >> 4u) | (b.z << 8u) | (b.w << 20u),
        0u,
      );
    }
    default: {
      return vec4<u32>(a.x | (a.y << 16u), a.z | (a.w << 16u), b.x | (b.y << 16u), b.z | (b.w << 16u));
    }
  }
}

// The way back, from the words in which eight codes lie.
fn unpack_eight(f : Format, w : vec4<u32>) -> Eight {
  let mask = vec4<u32>((1u << code_width(f)) - 1u);
  switch (code_width(f)) {
    case 4u: {
      return Eight(
        (w.xxxx >> vec4<u32>(0u, 4u, 8u, 12u)) & mask, (w.xxxx >> vec4<u32>(16u, 20u, 24u, 28u)) & mask,
      );
    }
    case 8u: {
      let shifts = vec4<u32>(0u, 8u, 16u, 24u);
      return Eight((w.xxxx >> shifts) & mask, (w.yyyy >> shifts) & mask);
    }
    case 12u: {
      return Eight(
        vec4<u32>(w.x, w.x >> 12u, (w.x >> 24u) | (w.y << 8u), w.y >> 4u) & mask,
        vec4<u32>(w.y >> 16u, (w.y >> 28u) | (w.z << 4u), w.z >> 8u, w.z >> 20u) & mask,
      );
    }
    default: {
      return Eight(
        vec4<u32>(w.x, w.x >> 16u, w.y, w.y >> 16u) & mask, vec4<u32>(w.z, w.z >> 16u, w.w, w.w >> 16u) & mask,
      );
    }
  }
}
