/** @file A part of a view, with its heading. */

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface SectionProps {
  readonly title: string;
  /** What the part is about, in a sentence or two. */
  readonly intro?: ComponentChildren;
  readonly children: ComponentChildren;
  /** On a ground of its own. */
  readonly raised?: boolean;
  /** An id to scroll to. */
  readonly place?: string;
}

export function Section({ title, intro, children, raised, place }: SectionProps) {
  const id = useId();
  return (
    <section id={place} class={raised ? 'section section-raised' : 'section'} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {intro && <div class="section-intro">{intro}</div>}
      {children}
    </section>
  );
}
