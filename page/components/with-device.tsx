/** @file What needs a GPU, or why there is none and what to do about it. */

import type { ComponentChildren } from 'preact';
import type { Context } from '../../src/index.js';
import { Advice } from '../device/advice.js';
import { device, openDevice } from '../device/device.js';
import { Button } from './button.js';
import { Message } from './message.js';

export interface WithDeviceProps {
  readonly children: (context: Context) => ComponentChildren;
  /** Says nothing where there is no GPU, because another part of the view does. */
  readonly quiet?: boolean;
}

export function WithDevice({ children, quiet }: WithDeviceProps) {
  const state = device.value;
  if (quiet && state.status !== 'ready') return null;
  switch (state.status) {
    case 'opening':
      return <p class="lead">Opening the GPU …</p>;
    case 'none':
      return <Advice missing={state.missing} reason={state.reason} />;
    case 'lost':
      return (
        <Message
          kind="warn"
          title="The GPU was lost"
          actions={
            <Button kind="primary" onClick={() => void openDevice()}>
              Reopen the GPU
            </Button>
          }
        >
          The browser says: {state.reason}. A driver that was reset or updated, a laptop that changed its GPU,
          or work that took too long can cause this. What was computed before is kept.
        </Message>
      );
    case 'ready':
      return <>{children(state.context)}</>;
  }
}
