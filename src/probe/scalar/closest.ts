/** @file The accumulation profile that shader arithmetic comes closest to, which is `f32`, and how it differs. */

import { f32 } from '../../accumulate/profile.js';
import type { ClosestProfile, Finding } from '../finding.js';

/** What has to hold of an adapter whose chain of fma() is the profile `f32`. */
const requirements: Readonly<Record<string, string>> = {
  'f32.fma.rounding': 'fused, nearest-even',
  'f32.fma.subnormal-inputs': 'kept',
  'f32.fma.subnormal-results': 'kept',
  'f32.fma.zero-signs': 'as IEEE 754',
  'f32.fma.infinities': 'as IEEE 754',
  'f32.fma.overflow': 'infinity',
};

/** The profile `f32` is one fused multiply-add after the other; each finding that says otherwise is a difference. */
export function closestScalarProfile(findings: readonly Finding[]): ClosestProfile {
  const differences = Object.entries(requirements).flatMap(([id, wanted]) => {
    const answer = findings.find((finding) => finding.id === id)?.answer;
    return answer === wanted ? [] : [`${id}: ${answer ?? 'not measured'}, not ${wanted}`];
  });
  return { profile: f32.name, differences };
}
