/** @file What stands around every view: skip link, menu, the line about the device, footer. */

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import { Message } from './components/message.js';
import { Select } from './components/select.js';
import { sentence } from './components/sentence.js';
import { restrictions } from './device/device.js';
import { DeviceLine } from './device/line.js';
import { linkBack, linkTo, route } from './route.js';
import { chooseTheme, theme, themes } from './theme.js';
import { type View, type ViewProps, views } from './views.js';

const [first] = views;

/** The view that the address names; the first for an empty one, undefined for one that does not exist. */
function viewOf(id: string): View | undefined {
  return id === '' ? first : views.find((view) => view.id === id);
}

export function Shell() {
  const { id } = route.value;
  const view = viewOf(id);
  const before = useRef(view);
  useEffect(() => {
    showCurrent();
    if (before.current === view) return;
    before.current = view;
    // Another view is another page: read from its top, by whatever means.
    scrollTo(0, 0);
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [view]);
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <header class="masthead">
        <div class="masthead-row">
          <a class="wordmark" href={linkBack(first?.id ?? '')}>
            <span class="wordmark-bits" aria-hidden="true">
              {Array.from({ length: 8 }, (_, bit) => (
                <i key={bit} />
              ))}
            </span>
            octile
          </a>
          <nav class="menu-frame" aria-label="Views">
            <ul class="menu">
              {views.map((one) => (
                <li key={one.id}>
                  <a
                    href={one === view ? linkTo(one.id) : linkBack(one.id)}
                    title={one.description}
                    aria-current={one === view ? 'page' : undefined}
                  >
                    {one.title}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <div class="theme-switch">
            <Select
              label="Theme"
              hideLabel
              value={theme.value}
              options={themes.map((value) => ({ value, text: themeNames[value] }))}
              onChange={chooseTheme}
            />
          </div>
        </div>
      </header>
      <DeviceLine />
      <main class="stage" id="main" tabIndex={-1}>
        {restrictions.error && (
          <Message kind="bad" title="This address cannot be followed">
            {sentence(restrictions.error)} Nothing is hidden.
          </Message>
        )}
        {view ? <Stage key={view.id} view={view} /> : <Nowhere id={id} />}
      </main>
      <footer class="colophon">
        <div class="colophon-row">
          <p>
            octile {__VERSION__}. Everything is computed on this machine; nothing is sent anywhere. Emulation
            reproduces the results of matrix instructions where that was checked; it says nothing about the
            speed or the internals of an H800.
          </p>
          <p>
            MIT licence. <a href="./licences.txt">Licences of what it is built with</a>
          </p>
        </div>
      </footer>
    </>
  );
}

const themeNames = { system: '◐ Auto', light: '○ Light', dark: '● Dark' } as const;

/** On a phone the menu is wider than the screen. scrollIntoView() would move where the keyboard begins. */
function showCurrent(): void {
  const frame = document.querySelector('.menu-frame');
  const link = frame?.querySelector('[aria-current]')?.getBoundingClientRect();
  const seen = frame?.getBoundingClientRect();
  if (frame && link && seen) frame.scrollLeft += link.left + link.width / 2 - (seen.left + seen.width / 2);
}

/** Moves the focus: a link would change the hash, which names the view. */
function skip(): void {
  document.getElementById('main')?.focus();
}

/** A view, once its code is there. */
function Stage({ view }: { readonly view: View }) {
  const [broken] = useErrorBoundary();
  const loaded = useSignal<{ Component: ComponentType<ViewProps> } | { error: string } | undefined>(
    undefined,
  );
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${view.title} · octile`;
    view.load().then(
      ({ default: Component }) => {
        loaded.value = { Component };
      },
      (error: unknown) => {
        loaded.value = { error: error instanceof Error ? error.message : String(error) };
      },
    );
  }, [view]);
  if (broken)
    return (
      <Message kind="bad" title={`${view.title} stopped by an error`}>
        {broken instanceof Error ? broken.message : String(broken)}. Reload the page; results are kept in the
        browser.
      </Message>
    );
  const { value } = loaded;
  if (value && 'error' in value)
    return (
      <Message kind="bad" title={`${view.title} could not be loaded`}>
        {value.error}. Reload the page; if it was opened from a file, serve it over http instead.
      </Message>
    );
  if (!value)
    return (
      <div class="view-waiting" ref={place}>
        <h1>{view.title}</h1>
        <p class="lead">{view.description}</p>
      </div>
    );
  const { Component } = value;
  return <Component route={route.value} />;
}

function Nowhere({ id }: { readonly id: string }) {
  return (
    <Message kind="bad" title={`There is no view called “${id}”`}>
      The link may be misspelt or from another version. The views are:{' '}
      {views.map((view, index) => (
        <span key={view.id}>
          {index > 0 && ', '}
          <a href={linkTo(view.id)}>{view.title}</a>
        </span>
      ))}
      .
    </Message>
  );
}
