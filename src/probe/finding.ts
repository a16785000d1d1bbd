/**
 * @file What a probe finds: questions, answers, and the evidence for each, as plain data that machines can exchange.
 */

/** One experiment: what went in, what each hypothesis predicted, what came out. Bits are hexadecimal literals. */
export interface Evidence {
  readonly inputs: readonly string[];
  readonly seen: string;
  /** The prediction of the answer, and of hypotheses that this experiment rules out. */
  readonly predicted: Readonly<Record<string, string>>;
}

/** A question about an adapter's arithmetic, answered. */
export interface Finding {
  /** Stable name: section, operation, property. */
  readonly id: string;
  readonly question: string;
  /** In few words. Two machines agree where their answers are equal. */
  readonly answer: string;
  /** Experiments that the answer rests on. */
  readonly cases: number;
  /** How many of the cases each hypothesis predicted: the best ones. Empty where nothing was supposed. */
  readonly agreement: Readonly<Record<string, number>>;
  readonly evidence: readonly Evidence[];
}

/** A part of the adapter: its f32 or f16 arithmetic, or one shape of its matrix units. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** Why there are no findings, and what would give some. Absent where there are. */
  readonly notOffered?: string;
  readonly findings: readonly Finding[];
  /** The accumulation profile that comes closest to what was found. */
  readonly closest?: ClosestProfile;
}

/** A profile beside what was found. */
export interface ClosestProfile {
  readonly profile: string;
  /** In words; none where it fits in all that was measured. */
  readonly differences: readonly string[];
}

/** The answer where no hypothesis predicts every case. */
export const noneFits = 'none of the hypotheses';

/** Bits as a hexadecimal literal of 4 or 8 digits. */
export function hexBits(bits: number, width: 16 | 32 = 32): string {
  return `0x${(bits >>> 0).toString(16).padStart(width / 4, '0')}`;
}
