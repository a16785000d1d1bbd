/** @file The studies, by name. */

import { ArgumentError } from '../errors.js';
import { accumulation } from './accumulation.js';
import { gradients } from './appendix-b2.js';
import { formats } from './formats.js';
import { granularity } from './granularity.js';
import { hybrid } from './hybrid.js';
import { linear } from './linear.js';
import type { Study } from './study.js';
import { transpose } from './transpose.js';

export const studies: readonly Study[] = [
  accumulation,
  formats,
  granularity,
  hybrid,
  transpose,
  linear,
  gradients,
];

/**
 * The study of that name.
 * @throws ArgumentError if there is none
 */
export function studyByName(name: string | undefined): Study {
  const study = studies.find((one) => one.name === name);
  if (!study) throw new ArgumentError('name', name, studies.map((one) => one.name).join(', '));
  return study;
}
