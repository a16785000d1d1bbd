/** @file The kernels whose halves of an operand can be kept from one product to the next. */

/** Both read halves of both operands where they multiply: with scales folded in, or without. */
export const keepers = ['matrix', 'matrix-promoted'] as const;

export type Keeper = (typeof keepers)[number];
