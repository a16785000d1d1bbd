/** @file What to do where there is no WebGPU, or no adapter, in the reader's own browser first. */

import type { ComponentChildren } from 'preact';
import { Button } from '../components/button.js';
import { Copyable } from '../components/copyable.js';
import { Message } from '../components/message.js';
import { sentence } from '../components/sentence.js';
import { type BrowserName, browserName, browserText } from './browser-name.js';
import { openDevice } from './device.js';
import { unsafeFlag } from './feature-advice.js';

export interface AdviceProps {
  readonly missing: 'webgpu' | 'adapter' | 'device';
  readonly reason: string;
}

const titles = {
  webgpu: 'This browser has no WebGPU',
  adapter: 'WebGPU is here, but it offers no GPU',
  device: 'The GPU refused to open',
} as const;

export function Advice({ missing, reason }: AdviceProps) {
  const browser = browserName();
  const insecure = globalThis.isSecureContext === false;
  return (
    <div class="stack">
      <Message
        kind="bad"
        title={titles[missing]}
        actions={
          <Button kind="primary" onClick={() => void openDevice()}>
            Try again
          </Button>
        }
      >
        octile computes on the GPU through WebGPU, the browser's interface for it. You are using{' '}
        {browserText(browser)}. It says: {sentence(reason)}
      </Message>
      {insecure ? (
        <p>
          Browsers offer WebGPU to secure pages alone. Open this page over <code>https</code>, or from{' '}
          <code>localhost</code>.
        </p>
      ) : (
        <ol class="steps">
          {stepsFor(browser, missing).map((step, index) => (
            <li key={index}>{step}</li>
          ))}
        </ol>
      )}
      <p>
        Saved results and shared links can be read here all the same, and the command line needs no browser:{' '}
        <code>npm start</code> in octile's folder computes on the GPU through Node, or on the CPU.
      </p>
    </div>
  );
}

function stepsFor(browser: BrowserName, missing: AdviceProps['missing']): ComponentChildren[] {
  const { family, system } = browser;
  const chromium = family === 'Chrome' || family === 'Edge';
  const scheme = family === 'Edge' ? 'edge' : 'chrome';
  const steps: ComponentChildren[] = [];
  if (chromium) {
    if (missing === 'adapter')
      steps.push(
        <>
          See that the browser may use the GPU: “Use graphics acceleration when available” in{' '}
          <Copyable text={`${scheme}://settings/system`} what="the address of the settings" />
        </>,
      );
    steps.push(
      <>
        Let the browser use WebGPU on this GPU: open the address below, choose “Enabled”, restart.{' '}
        <Copyable text={unsafeFlag(browser)} what="the flag's address" />
      </>,
    );
    if (system === 'Linux')
      steps.push(
        <>
          On Linux, WebGPU needs Vulkan as well:{' '}
          <Copyable text={`${scheme}://flags/#enable-vulkan`} what="the flag's address" />
        </>,
      );
    steps.push(
      <>
        Look for the reason under “WebGPU” in <Copyable text={`${scheme}://gpu`} what="the address" /> and
        update the GPU's driver.
      </>,
    );
  }
  if (family === 'Firefox')
    steps.push(
      <>
        Open the address below, search for <code>dom.webgpu.enabled</code>, set it to true, restart.{' '}
        <Copyable text="about:config" what="the address" />
      </>,
      'Or update Firefox: WebGPU comes switched on for Windows since 141 and for Macs with Apple silicon since 145.',
    );
  if (family === 'Safari')
    steps.push(
      'Update to Safari 26 or later (macOS 26, iOS 26), which has WebGPU switched on.',
      'Earlier, on a Mac: Settings, Feature Flags, WebGPU.',
    );
  steps.push(
    `${chromium ? 'Or take' : 'Or take a current Chrome or Edge,'} ${chromium ? 'another browser: Firefox or Safari have WebGPU too' : 'which have WebGPU switched on for Windows, macOS, Android and ChromeOS'}.`,
  );
  return steps;
}
