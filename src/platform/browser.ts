// A browser's side of the platform: module workers, and the facts about browser and machine that a manifest records.
import type { HostFacts } from '../runs/manifest.js';
import { VERSION } from '../version.js';
import type { Machine } from './machine.js';

/** What browsers built on Chromium tell besides the user agent. */
interface AgentData {
  readonly brands?: readonly { readonly brand: string; readonly version: string }[];
  readonly platform?: string;
}

/** The facts about this browser and machine, as far as a page or worker is told; `unknown` and 0 where it is not. */
export function browserFacts(): HostFacts {
  const { userAgent, platform, hardwareConcurrency } = navigator;
  const agent = (navigator as { userAgentData?: AgentData }).userAgentData;
  return {
    version: VERSION,
    commit: null,
    runtime: browserName(userAgent, agent),
    system: agent?.platform || platform || 'unknown',
    processor: 'unknown',
    cores: hardwareConcurrency,
    memoryBytes: ((navigator as { deviceMemory?: number }).deviceMemory ?? 0) * 2 ** 30,
  };
}

/** `chromium 147.0.0.0`: the most telling name of the user agent, whose order goes from the particular to the general. */
function browserName(userAgent: string, agent: AgentData | undefined): string {
  const brand = agent?.brands?.find(({ brand }) => !/not.?a.?brand/i.test(brand));
  const [, name, version] = /\b(Firefox|Edg|OPR|HeadlessChrome|Chromium|Chrome|Version)\/([\d.]+)/.exec(userAgent) ?? [];
  if (!name) return brand ? `${brand.brand.toLowerCase()} ${brand.version}` : 'unknown browser';
  const names: Record<string, string> = { Edg: 'edge', OPR: 'opera', HeadlessChrome: 'chromium', Version: 'safari' };
  return `${names[name] ?? name.toLowerCase()} ${version}`;
}

/** What a benchmark says about the browser it ran in; browsers tell nothing of free memory and load. */
export function describeBrowser(): Machine {
  const facts = browserFacts();
  return { ...facts, engine: facts.runtime, freeMemoryBytes: 0, load: 0, date: new Date().toISOString() };
}

/** Starts a module worker; scripts of other origins (a CDN) are started through one of our own that imports them. */
export function openModuleWorker(url: string | URL): Worker {
  const absolute = new URL(url, location.href);
  if (absolute.origin === location.origin || absolute.protocol === 'blob:') return new Worker(absolute, { type: 'module' });
  const bridge = URL.createObjectURL(new Blob([`import ${JSON.stringify(absolute.href)};`], { type: 'text/javascript' }));
  return new Worker(bridge, { type: 'module' });
}

/** Inside a dedicated worker: the port to the page that started it. */
export function workerPort(): { post(message: unknown): void; receive(handler: (message: unknown) => void): void } {
  const scope = globalThis as unknown as { postMessage(message: unknown): void; onmessage: ((event: MessageEvent) => void) | null };
  return {
    post: (message) => scope.postMessage(message),
    receive: (handler) => {
      scope.onmessage = (event) => handler(event.data);
    },
  };
}
