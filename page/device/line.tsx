/** @file One line about the device, under the menu of every view. */

import { Button } from '../components/button.js';
import { linkTo } from '../route.js';
import { type DeviceState, device, openDevice, restrictions } from './device.js';
import { restrictionText } from './restrict.js';

export function DeviceLine() {
  const state = device.value;
  const hidden = restrictionText(restrictions.options);
  return (
    <div class="device-line">
      <div class="device-line-row" role="status">
        <span class="device-dot" data-status={state.status} aria-hidden="true" />
        <span class="device-line-text">
          <Line state={state} />
          {hidden && ` Hidden by this address: ${hidden}.`}
        </span>
        {state.status === 'lost' && (
          <Button size="small" onClick={() => void openDevice()}>
            Reopen
          </Button>
        )}
      </div>
    </div>
  );
}

function Line({ state }: { readonly state: DeviceState }) {
  switch (state.status) {
    case 'opening':
      return <>Opening the GPU …</>;
    case 'ready': {
      const { name, kind } = state.context.adapter;
      return (
        <>
          <strong>{name}</strong>
          {kind === 'software' ? ', a software renderer on the CPU: right, but slow.' : ''}{' '}
          <a href={linkTo('device')}>What it offers</a>.
        </>
      );
    }
    case 'none':
      return (
        <>
          <strong>No GPU to compute on.</strong> <a href={linkTo('device')}>What to do</a>.
        </>
      );
    case 'lost':
      return (
        <>
          <strong>The GPU was lost:</strong> {state.reason}. Results are kept.
        </>
      );
  }
}
