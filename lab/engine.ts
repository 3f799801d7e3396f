// The lab's way to the engine: jobs in Web Workers, built beside this page.
import { BrowserRunner } from '../src/browser/client.js';

export const runner = new BrowserRunner(new URL('./worker.js', import.meta.url));
