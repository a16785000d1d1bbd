/** @file The page's entry: draws the shell, then opens the device, then fetches the other views while it is idle. */

import './components/components.css';
import { render } from 'preact';
import { openDevice } from './device/device.js';
import { Shell } from './shell.js';
import { views } from './views.js';

const place = document.getElementById('app');
if (!place) throw new Error('the page has no place for its views');
place.replaceChildren();
render(<Shell />, place);

void openDevice();

// Once loaded, the page needs no network: what other views are made of is fetched before they are asked for.
const whenIdle = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 1500));
const parts = [
  ...views.map((view) => view.load),
  () => import('./chart/draw.js'),
  () => import('./benchmark/run-suite.js'),
];
addEventListener('load', () => whenIdle(() => void Promise.allSettled(parts.map((load) => load()))));
