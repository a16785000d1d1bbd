/** @file A button. */

import type { ComponentChildren } from 'preact';

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  /** primary: the one thing to do here. Default plain. */
  readonly kind?: 'primary' | 'plain' | 'danger';
  readonly size?: 'small';
  readonly disabled?: boolean;
  /** A name that says more than the visible text, for readers who cannot see what is around it. */
  readonly label?: string;
  /** Whether it is pressed in, for a button that switches something. */
  readonly pressed?: boolean;
}

export function Button({ children, onClick, kind = 'plain', size, disabled, label, pressed }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button button-${kind}${size ? ` button-${size}` : ''}`}
      onClick={onClick}
      disabled={disabled}
      aria-label={label}
      aria-pressed={pressed}
    >
      {children}
    </button>
  );
}
