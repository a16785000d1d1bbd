/** @file Text to paste elsewhere, with a button that copies it. */

import { useSignal } from '@preact/signals';
import { Button } from './button.js';

export function Copyable({ text, what }: { readonly text: string; readonly what: string }) {
  const state = useSignal<'idle' | 'copied' | 'refused'>('idle');
  const copy = () => {
    // Without a secure context there is no clipboard; the text can be selected by hand.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    written.then(
      () => {
        state.value = 'copied';
      },
      () => {
        state.value = 'refused';
      },
    );
  };
  return (
    <span class="copyable">
      <code>{text}</code>
      <Button size="small" onClick={copy} label={`Copy ${what}`}>
        {state.value === 'copied' ? 'Copied' : 'Copy'}
      </Button>
      <span role="status" class={state.value === 'refused' ? undefined : 'unseen'}>
        {state.value === 'refused'
          ? 'Select the text and copy it by hand.'
          : state.value === 'copied'
            ? 'Copied'
            : ''}
      </span>
    </span>
  );
}
