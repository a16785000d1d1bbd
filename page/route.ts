/** @file Which view is shown, and with what: the hash, `#/benchmark?suite=smoke`. */

import { computed, effect, signal } from '@preact/signals';

export interface Route {
  /** The view's id; empty for the first view. */
  readonly id: string;
  /** What follows the question mark. Change it by `replaceParams`, never in place. */
  readonly params: URLSearchParams;
}

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** The route of a hash. */
export function parseHash(text: string): Route {
  const [path = '', query = ''] = text.replace(/^#\/?/, '').split(/\?(.*)/s);
  return { id: path, params: new URLSearchParams(query) };
}

export const route = computed(() => parseHash(hash.value));

/** The link to a view. */
export function linkTo(id: string, params?: Record<string, string>): string {
  const query = params ? new URLSearchParams(params).toString() : '';
  return `#/${id}${query ? `?${query}` : ''}`;
}

/** The latest address of each view. */
const latest = new Map<string, string>();
effect(() => {
  latest.set(route.value.id, hash.value);
});

/** The link to a view as it was left: with its settings. */
export function linkBack(id: string): string {
  return latest.get(id) ?? linkTo(id);
}

/** Writes a view's state into the address without a new entry in the browser's history. */
export function replaceParams(id: string, params: Record<string, string>): void {
  history.replaceState(null, '', linkTo(id, params));
  hash.value = location.hash;
}
