/** @file Sections that an adapter's compiler refuses: they are told of, and the others are still probed. */

import { ShaderError } from '../errors.js';
import type { Section } from './finding.js';

/**
 * The section that `work` makes, or one that gives the compiler's words.
 * @param reason why the compiler may refuse, as the beginning of a sentence
 */
export async function unlessRefused(
  about: Pick<Section, 'id' | 'title'>,
  reason: string,
  work: () => Promise<Section>,
): Promise<Section> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ShaderError)) throw error;
    return { ...about, notOffered: `${reason}: ${error.message}`, findings: [] };
  }
}
