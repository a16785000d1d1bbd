// Eight consecutive elements of a row of D: what an epilogue reads and writes at once.
struct Strip {
  left : vec4<f32>,
  right : vec4<f32>,
}
