/** @file A report as a list of sections, in the order of reading. */

import type { Report } from './data.js';
import type { Section } from './section.js';
import { aboutSection } from './sections/about.js';
import { benchmarkSection } from './sections/benchmark.js';
import { layersSection } from './sections/layers.js';
import { scalingSection } from './sections/scaling.js';
import { verificationSection } from './sections/verification.js';

export function sections(report: Report): Section[] {
  const { encoder } = report;
  return [
    aboutSection(report),
    verificationSection(report.verification),
    layersSection(encoder),
    ...('absent' in encoder ? [] : [scalingSection(encoder)]),
    benchmarkSection(report.benchmark, report.adapter.kind),
  ];
}
