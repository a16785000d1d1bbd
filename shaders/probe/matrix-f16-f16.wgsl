// Types of matrix.wgsl: f16 operands, f16 results.
alias Operand = f16;
alias OperandWord = f16;
alias Result = f16;
const PER_WORD = 1u;
