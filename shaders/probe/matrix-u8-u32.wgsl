// Types of matrix.wgsl: u8 operands, u32 results.
alias Operand = u8;
alias OperandWord = u32;
alias Result = u32;
const PER_WORD = 4u;
