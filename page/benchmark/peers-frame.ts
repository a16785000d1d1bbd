/**
 * @file Runs with other libraries, in a document of their own: libraries keep the device they are lent, and go with it.
 */

import type { Answer, Order, RunEvent } from './protocol.js';
import type { Run } from './runner.js';

/** Milliseconds in which the document has to answer. */
const patience = 30_000;

/** Orders a run in a fresh document; `emit` is told what happens, `done` or `failed` last. */
export function runInFrame(
  start: Extract<Order, { type: 'start' }>,
  emit: (event: RunEvent) => void,
): Promise<Run> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'Other libraries';
  frame.src = new URL('peers.html', document.baseURI).href;
  const { port1: port, port2 } = new MessageChannel();
  const order = (message: Order) => port.postMessage(message);
  const end = (event: RunEvent) => {
    frame.remove();
    port.close();
    emit(event);
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      end({
        type: 'failed',
        lost: false,
        message: 'The part of the page that loads other libraries did not answer.',
      });
      resolve({ thread: 'page', stop: () => undefined });
    }, patience);
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.type === 'available') {
        clearTimeout(timer);
        order(start);
        resolve({ thread: data.available ? 'worker' : 'page', stop: () => order({ type: 'stop' }) });
      } else if (data.type === 'done' || data.type === 'failed') end(data);
      else emit(data as RunEvent);
    };
    frame.onload = () => frame.contentWindow?.postMessage(undefined, location.origin, [port2]);
    document.body.append(frame);
  });
}
