/** @file A button that asks once more before it does what cannot be undone. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from './button.js';

export interface ConfirmedProps {
  readonly text: string;
  /** What is answered to do it, and what to leave it. */
  readonly yes: string;
  readonly no: string;
  readonly onConfirm: () => void;
  readonly disabled?: boolean;
}

export function Confirmed({ text, yes, no, onConfirm, disabled = false }: ConfirmedProps) {
  const asked = useSignal<boolean | undefined>(undefined);
  const row = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone; the focus goes to the answer that does no harm, and back.
  useEffect(() => {
    if (asked.value !== undefined) row.current?.querySelector<HTMLElement>('button:last-child')?.focus();
  }, [asked.value]);
  return (
    <div class="button-row" ref={row}>
      {asked.value ? (
        <>
          <Button
            key="yes"
            size="small"
            kind="danger"
            disabled={disabled}
            onClick={() => {
              asked.value = false;
              onConfirm();
            }}
          >
            {yes}
          </Button>
          <Button
            key="no"
            size="small"
            onClick={() => {
              asked.value = false;
            }}
          >
            {no}
          </Button>
        </>
      ) : (
        <Button
          key="ask"
          size="small"
          kind="danger"
          disabled={disabled}
          onClick={() => {
            asked.value = true;
          }}
        >
          {text}
        </Button>
      )}
    </div>
  );
}
