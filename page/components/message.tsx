/** @file Something to tell the reader: what happened, and what to do about it. */

import type { ComponentChildren } from 'preact';

export interface MessageProps {
  readonly kind: 'info' | 'good' | 'warn' | 'bad';
  readonly title: string;
  readonly children?: ComponentChildren;
  /** Buttons below the text. */
  readonly actions?: ComponentChildren;
}

const marks = { info: 'i', good: '✓', warn: '!', bad: '×' } as const;

export function Message({ kind, title, children, actions }: MessageProps) {
  return (
    <div class={`message message-${kind}`} role={kind === 'bad' || kind === 'warn' ? 'alert' : 'status'}>
      <span class="message-mark" aria-hidden="true">
        {marks[kind]}
      </span>
      <div class="message-body">
        <p class="message-title">{title}</p>
        {children && <div class="message-text">{children}</div>}
        {actions && <div class="message-actions">{actions}</div>}
      </div>
    </div>
  );
}
