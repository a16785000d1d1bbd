// Types of matrix.wgsl: f32 operands, f32 results.
alias Operand = f32;
alias OperandWord = f32;
alias Result = f32;
const PER_WORD = 1u;
