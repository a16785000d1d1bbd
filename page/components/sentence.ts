/** @file Texts from elsewhere as sentences: errors and titles begin small and end without a full stop. */

/** With a full stop, where nothing ends it. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** With a capital letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
