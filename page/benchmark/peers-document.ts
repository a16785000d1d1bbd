/**
 * @file The document that runs with other libraries take place in, hidden within the page: its policy allows what the
 * page's own forbids, compiling WebAssembly and reading this site's files. It passes on what the page and its worker
 * say to each other, and does the work itself where the browser has no WebGPU in workers.
 */

import { prepareWorker, send } from './background.js';
import { obey } from './job.js';
import { type Answer, failure, type Order } from './protocol.js';

addEventListener('message', ({ origin, ports: [port] }) => {
  if (port && origin === location.origin) void serve(port);
});

async function serve(port: MessagePort): Promise<void> {
  const say = (answer: Answer) => port.postMessage(answer);
  const worker = await prepareWorker();
  if (worker) {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => say(data);
    worker.onerror = ({ message }) => say(failure(message || 'the worker ended by an error'));
  }
  port.onmessage = ({ data }: MessageEvent<Order>) => (worker ? send(worker, data) : obey(data, say));
  say({ type: 'available', available: worker !== undefined });
}
