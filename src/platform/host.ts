// What the surrounding host offers, found without importing anything: threads, shared memory, engine flags. Node and browsers alike.

/** A worker of either host. `post` and `onMessage` are used once, to start it; afterwards all talk goes through shared memory. */
export interface HostWorker {
  post(message: unknown): void;
  onMessage(receive: (message: unknown) => void, fail: (error: Error) => void): void;
  /** Lets the process exit while the worker waits (Node; browsers do so anyway). */
  unref(): void;
  terminate(): Promise<void>;
}

/** A built-in module of Node, or null in browsers; unlike an import, bundlers leave it alone. */
function builtin<T>(name: string): T | null {
  const node = (globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }).process;
  return (node?.getBuiltinModule?.(`node:${name}`) as T | undefined) ?? null;
}

/** Logical processors this process may use; 1 when the host does not tell. */
export function availableThreads(): number {
  const os = builtin<typeof import('node:os')>('os');
  if (os) return os.availableParallelism();
  return (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1;
}

/** No tab gets more: Chromium's limit on a page's process, on machines that have as much. */
const tabMemory = 16 * 2 ** 30;

/**
 * Memory that this process may use, bytes: the machine's, or what a container grants. Browsers round what they tell and never say more than 8 GiB:
 * that, and silence, is taken for the most that a tab gets.
 */
export function hostMemory(): number {
  const os = builtin<typeof import('node:os')>('os');
  // 0 or an absurd number where nothing constrains the process.
  const granted = (globalThis as { process?: { constrainedMemory?: () => number } }).process?.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  if (os) return Math.min(os.totalmem(), granted);
  const gibibytes = (globalThis as { navigator?: { deviceMemory?: number } }).navigator?.deviceMemory;
  return gibibytes === undefined || gibibytes >= 8 ? tabMemory : gibibytes * 2 ** 30;
}

/** Why threads over shared memory cannot be had here, or null when they can. */
export function threadsMissing(): string | null {
  if (typeof SharedArrayBuffer === 'undefined')
    return 'SharedArrayBuffer is missing; in browsers the page must be cross-origin isolated (COOP and COEP headers)';
  const scope = globalThis as { crossOriginIsolated?: boolean; Worker?: unknown };
  if (builtin('worker_threads')) return null;
  if (scope.crossOriginIsolated !== true) return 'the page is not cross-origin isolated (COOP and COEP headers)';
  return typeof scope.Worker === 'undefined' ? 'Worker is missing' : null;
}

/** Switches a V8 flag on, in Node; false where that is not possible. */
export function setEngineFlag(flag: string): boolean {
  const v8 = builtin<typeof import('node:v8')>('v8');
  v8?.setFlagsFromString(flag);
  return v8 !== null;
}

let wide = false;

/**
 * Lets V8 join pairs of 128-bit WASM vectors to one of 256 bits: products run about 1.5 times as fast, with the same bits. An experimental feature of V8 that must be switched on
 * before anything is compiled; every kernel was tested with it on V8 12.4, 13.6 and 14.6 (Node 22, 24 and 26), so nothing older is asked. Returns whether it is on; false in browsers and on other processors than x64.
 */
export function enableWideVectors(): boolean {
  const host = globalThis as { process?: { arch?: string; versions?: { v8?: string } } };
  const [major = 0, minor = 0] = (host.process?.versions?.v8 ?? '').split('.').map(Number);
  const tested = major > 12 || (major === 12 && minor >= 4);
  wide ||= tested && host.process?.arch === 'x64' && setEngineFlag('--experimental-wasm-revectorize');
  return wide;
}

/** Whether `enableWideVectors` has taken effect. */
export function wideVectors(): boolean {
  return wide;
}

/** Starts a worker from source text: no file to find, whatever bundled the package. */
export function startWorker(source: string): HostWorker {
  const threads = builtin<typeof import('node:worker_threads')>('worker_threads');
  return threads ? startNodeWorker(threads, source) : startWebWorker(source);
}

function startNodeWorker(threads: typeof import('node:worker_threads'), source: string): HostWorker {
  const worker = new threads.Worker(source, { eval: true, execArgv: [], stdin: false });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (receive, fail) => {
      worker.on('message', receive);
      worker.on('error', fail);
    },
    unref: () => worker.unref(),
    terminate: async () => void (await worker.terminate()),
  };
}

function startWebWorker(source: string): HostWorker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(url);
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (receive, fail) => {
      worker.onmessage = (event) => receive(event.data);
      worker.onerror = (event) => fail(new Error(event.message));
    },
    unref: () => URL.revokeObjectURL(url),
    terminate: async () => worker.terminate(),
  };
}

/** Inside a worker: the port to whoever started it. */
export function parentPort(): { post(message: unknown): void; receive(handler: (message: unknown) => void): void } {
  const port = builtin<typeof import('node:worker_threads')>('worker_threads')?.parentPort;
  if (port) return { post: (message) => port.postMessage(message), receive: (handler) => void port.once('message', handler) };
  const scope = globalThis as unknown as { postMessage(message: unknown): void; onmessage: ((event: MessageEvent) => void) | null };
  return {
    post: (message) => scope.postMessage(message),
    receive: (handler) => {
      scope.onmessage = (event) => handler(event.data);
    },
  };
}
