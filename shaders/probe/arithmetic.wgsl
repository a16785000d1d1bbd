// One operation on operands out of a buffer, which no compiler can fold: what the adapter's own arithmetic gives. One
// case a thread, 64 threads, a multiple of every subgroup size; no workgroup memory. Needs: f32.wgsl or f16.wgsl for
// Real, real(), bits() and convert(). OPERATION and the names of all operations are constants.
struct Operands {
  a : vec4<u32>,
  b : vec4<u32>,
}

@group(0) @binding(1) var<storage, read> operands : array<Operands>;
@group(0) @binding(2) var<storage, read_write> results : array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  if (id.x >= arrayLength(&operands)) { return; }
  results[id.x] = operate(operands[id.x].a, operands[id.x].b);
}

fn operate(a : vec4<u32>, b : vec4<u32>) -> u32 {
  let x = real(a.x);
  let y = real(a.y);
  let z = real(a.z);
  switch OPERATION {
    case COPY: { return bits(x); }
    case NEGATE: { return bits(-x); }
    case ADD: { return bits(x + y); }
    case SUBTRACT: { return bits(x - y); }
    case MULTIPLY: { return bits(x * y); }
    case DIVIDE: { return bits(x / y); }
    case FMA: { return bits(fma(x, y, z)); }
    case MULTIPLY_ADD: { return bits(x * y + z); }
    case SUM3: { return bits(x + y + z); }
    case ADD_BACK: { return bits((x + y) - y); }
    case MINUS_ITSELF: { return bits(x - x); }
    case TIMES_ZERO: { return bits(x * Real(0)); }
    case DOT2: { return bits(dot(vec2<Real>(x, y), vec2<Real>(z, real(a.w)))); }
    case DOT4: {
      let p = vec4<Real>(x, y, z, real(a.w));
      let q = vec4<Real>(real(b.x), real(b.y), real(b.z), real(b.w));
      return bits(dot(p, q));
    }
    case MINIMUM: { return bits(min(x, y)); }
    case MAXIMUM: { return bits(max(x, y)); }
    case SQRT: { return bits(sqrt(x)); }
    case INVERSE_SQRT: { return bits(inverseSqrt(x)); }
    case EXP2: { return bits(exp2(x)); }
    case LOG2: { return bits(log2(x)); }
    case EXP: { return bits(exp(x)); }
    case LOG: { return bits(log(x)); }
    case TO_I32: { return bitcast<u32>(i32(x)); }
    case TO_U32: { return u32(x); }
    case FROM_I32: { return bits(Real(bitcast<i32>(a.x))); }
    case FROM_U32: { return bits(Real(a.x)); }
    default: { return convert(a.x); }
  }
}
