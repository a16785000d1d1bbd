/** @file Matrix units of bytes: whether sums are exact, and what becomes of those that overflow. */

import { decide, type Hypothesis } from '../choice.js';
import { type Finding, hexBits } from '../finding.js';
import { Stream } from '../stream.js';
import { type DotProduct, type MatrixUnit, multiplyDots } from './unit.js';

/** A dot product of whole numbers, and the same as bits. */
interface Case {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: number;
  readonly dot: DotProduct;
}

function caseOf(a: readonly number[], b: readonly number[], c: number): Case {
  const bytes = (values: readonly number[]) =>
    Object.fromEntries(values.map((value, i) => [i, value & 0xff]));
  return { a, b, c, dot: { a: bytes(a), b: bytes(b), c: c >>> 0 } };
}

/** What a unit of bytes gives. */
export async function integerFindings(unit: MatrixUnit): Promise<Finding[]> {
  const { k, operand } = unit.shape;
  const signed = operand === 'i8';
  const [least, most] = signed ? [-128, 127] : [0, 255];
  const [leastC, mostC] = signed ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  const all = (value: number) => Array.from({ length: k }, () => value);
  const stream = new Stream(90);
  const random = () => Array.from({ length: k }, () => stream.whole(least, most));
  const inside = [
    caseOf(all(least), all(least), 0),
    caseOf(all(least), all(most), 0),
    caseOf(all(most), all(most), 0),
    ...Array.from({ length: 60 }, () =>
      caseOf(random(), random(), signed ? stream.word() >> 8 : stream.word() >>> 8),
    ),
  ];
  const beyond = [
    caseOf(all(most), all(most), mostC),
    caseOf([1], [1], mostC),
    caseOf([most], [most], mostC - 2),
    ...(signed ? [caseOf([least], [1], leastC), caseOf(all(least), all(most), leastC + 1)] : []),
  ];
  const total = ({ a, b, c }: Case) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), c);
  const exact: Hypothesis<Case> = { name: 'exact', predict: (one) => total(one) >>> 0 };
  const about = {
    inputs: ({ a, b, c }: Case) => [`a ${a.join(' ')}`, `b ${b.join(' ')}`, `c ${c}`],
    show: (bits: number) => hexBits(bits),
    isNaN: () => false,
  };
  const seen = await multiplyDots(
    unit,
    [...inside, ...beyond].map(({ dot }) => dot),
  );
  return [
    decide(
      {
        id: 'sum',
        question: 'Are sums of products exact?',
        cases: inside,
        hypotheses: [
          exact,
          {
            name: 'pairs saturated to 16 bits',
            predict: ({ a, b, c }) => {
              let sum = c;
              for (let i = 0; i < a.length; i += 2) {
                const pair = (a[i] ?? 0) * (b[i] ?? 0) + (a[i + 1] ?? 0) * (b[i + 1] ?? 0);
                sum += Math.max(-(2 ** 15), Math.min(signed ? 2 ** 15 - 1 : 2 ** 16 - 1, pair));
              }
              return sum >>> 0;
            },
          },
        ],
        ...about,
      },
      seen.slice(0, inside.length),
    ).finding,
    decide(
      {
        id: 'overflow',
        question: 'What becomes of sums beyond 32 bits?',
        cases: beyond,
        hypotheses: [
          { ...exact, name: 'they wrap around' },
          { name: 'they saturate', predict: (one) => Math.max(leastC, Math.min(mostC, total(one))) >>> 0 },
        ],
        ...about,
      },
      seen.slice(inside.length),
    ).finding,
  ];
}
