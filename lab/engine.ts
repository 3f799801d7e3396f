// The lab's way to the engine: jobs in Web Workers, whose bundle lies beside this page.
import { BrowserRunner } from '../src/browser/client.js';

export const runner = new BrowserRunner(new URL('./engine/worker.js', import.meta.url));
