/** @file Something that this device offers or lacks: its name, whether it is here, and what there is to say. */

import type { ComponentChildren } from 'preact';

export interface OfferProps {
  readonly name: string;
  readonly here: boolean;
  /** Beside the mark. */
  readonly chip: string;
  readonly children: ComponentChildren;
}

/** An item of a list of the class offer-list. */
export function Offer({ name, here, chip, children }: OfferProps) {
  return (
    <li class="offer">
      <span class="offer-name">{name}</span>
      <span class={here ? 'chip chip-yes' : 'chip chip-no'}>
        <span aria-hidden="true">{here ? '✓' : '×'}</span> {chip}
      </span>
      <div class="offer-body">{children}</div>
    </li>
  );
}
