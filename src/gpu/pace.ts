/**
 * @file Waits between Dawn's polls while the software adapter computes.
 *
 * Dawn in Node looks for finished work from setImmediate(), again and again without a pause (webgpu 0.6.2):
 * tens of thousands of polls a second, and as many objects for the garbage collector. On a GPU's host that is
 * an idle core. With the software adapter it is a core that would otherwise compute: on two cores, products took
 * half as long again.
 */

/** Milliseconds from poll to poll: the least a timer can wait. */
const pause = 1;

let paced = false;

/**
 * From now on Dawn's polls wait a millisecond each. Every other use of setImmediate() is as before.
 * Safe to call twice.
 */
export function paceDawn(): void {
  if (paced || typeof globalThis.setImmediate !== 'function') return;
  paced = true;
  const original = globalThis.setImmediate;
  const replacement = (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
    args.length === 0 && isNative(callback) ? setTimeout(callback, pause) : original(callback, ...args);
  // util.promisify() finds its own version of setImmediate as a property.
  globalThis.setImmediate = Object.defineProperties(
    replacement,
    Object.getOwnPropertyDescriptors(original),
  ) as unknown as typeof setImmediate;
}

/** Dawn's callback is a native function without a name. Bound functions are native too, but have one. */
function isNative(callback: unknown): boolean {
  return (
    typeof callback === 'function' &&
    callback.name === '' &&
    Function.prototype.toString.call(callback).includes('[native code]')
  );
}
