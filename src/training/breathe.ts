// Lets the rest of the program live while training computes: timers, Ctrl-C, a page's drawing.

// A person notices a stall of 50 ms hardly, and giving way costs microseconds in Node, a few milliseconds in browsers.
const intervalMs = 40;

/** Returns a function that gives way to the event loop when the last time was long enough ago. Call it between two pieces of work. */
export function createBreather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < intervalMs) return;
    await nextTurn();
    last = performance.now();
  };
}

/** Resolves in a later turn of the event loop. Timers would wait a millisecond in Node, hence setImmediate where it exists. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
