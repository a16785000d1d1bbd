// Operands of plain-matrix.wgsl: four i8 a word.
alias OperandWord = i32;
alias Result = i32;
const PER_WORD = 4u;

fn element(word : i32, index : u32) -> i32 { return extractBits(word, 8u * (index % 4u), 8u); }
