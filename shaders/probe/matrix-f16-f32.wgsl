// Types of matrix.wgsl: f16 operands, f32 results.
alias Operand = f16;
alias OperandWord = f16;
alias Result = f32;
const PER_WORD = 1u;
