// Lets the rest of the program live while training computes: timers, Ctrl-C, a page's drawing.

// A person notices a stall of 50 ms hardly, and giving way costs microseconds.
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

/** Resolves in a later turn of the event loop. Timers would wait, a millisecond in Node, up to a second in a browser's hidden page; these do not. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') return void setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
