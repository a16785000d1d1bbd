// Operands of plain-matrix.wgsl: f32.
alias OperandWord = f32;
alias Result = f32;
const PER_WORD = 1u;

fn element(word : f32, index : u32) -> f32 { return word; }
