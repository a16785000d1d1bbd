// Types of matrix.wgsl: i8 operands, i32 results.
alias Operand = i8;
alias OperandWord = i32;
alias Result = i32;
const PER_WORD = 4u;
