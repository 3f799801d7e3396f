// `--in chromium`: serves the built bundles on loopback, starts a headless browser, and runs jobs in a worker of its page.
import type { DrivenJob, DriverReport } from '../browser/driver.js';
import type { JobEvent, Jobs } from '../browser/protocol.js';
import { BackendError } from '../errors.js';
import { decodeError, type JobError } from '../jobs/errors.js';
import { launchChromium } from '../platform/chromium.js';
import { hostFacts } from '../platform/node.js';
import { bundleFolder, gpujsFolders, serveStatic } from '../platform/serve.js';
import type { HostFacts } from '../runs/manifest.js';
import type { Storage } from '../runs/storage.js';

export interface ChromiumOptions {
  /** Folders that the page may read, by URL path. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Send the headers that threads need. Default true. */
  readonly isolated?: boolean;
}

export interface ChromiumHandlers {
  readonly signal: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
  /** Where the files of a run go, change by change: what is there can be resumed at any moment. */
  readonly storage?: Storage;
}

/** A page that runs one job at a time. */
export interface ChromiumPage {
  /** This machine, and the browser as its runtime. */
  readonly host: HostFacts;
  /** URL of the server. */
  readonly url: string;
  /** Throws what the job throws, as it would in Node; BackendError when the browser ends before the job. */
  start<D extends DrivenJob>(job: D, handlers: ChromiumHandlers): Promise<Jobs[D['kind']]['result']>;
}

/** Starts server and browser, hands their page on, and closes both. Throws ConfigError when a package, the browser or the bundles are missing. */
export async function withChromium<T>(options: ChromiumOptions, use: (page: ChromiumPage) => Promise<T>): Promise<T> {
  const bundles = await bundleFolder();
  const browser = await launchChromium();
  const server = await serveStatic({
    folders: { ...options.folders, ...gpujsFolders(), '/motorloop/': bundles },
    pages: { '/': '<!doctype html><meta charset="utf-8"><title>motorloop</title><script type="module" src="/motorloop/driver.js"></script>' },
    ...(options.isolated === undefined ? {} : { isolated: options.isolated }),
  });
  try {
    const page = await browser.newPage();
    let hear: (report: DriverReport) => Promise<void> = async () => undefined;
    await page.exposeFunction('motorloopReport', (report: DriverReport) => hear(report));
    await page.goto(server.url);
    await page.waitForFunction(() => 'motorloopStart' in globalThis);
    const lost = new Promise<never>((_, reject) => {
      const end = (what: string) => () => reject(new BackendError(`chromium: expected the browser to stay until the job ends, got ${what}; resume it`));
      browser.on('disconnected', end('a browser that ended'));
      page.on('crash', end('a page that crashed, often for want of memory'));
    });
    lost.catch(() => undefined); // nobody listens while no job runs

    return await use({
      host: { ...(await hostFacts()), runtime: `chromium ${browser.version()}` },
      url: server.url,
      async start(job, { signal, onEvent, storage }) {
        let failure: unknown = null;
        const abort = () => void page.evaluate(() => (globalThis as unknown as { motorloopAbort(): void }).motorloopAbort()).catch(() => undefined);
        hear = async (report) => {
          try {
            if (report.type === 'event') onEvent?.(report.event);
            else if (storage) await applyReport(storage, report);
          } catch (error) {
            failure ??= error;
            abort();
          }
        };
        signal.addEventListener('abort', abort, { once: true });
        try {
          const ended = page.evaluate(
            (given) => (globalThis as unknown as { motorloopStart(job: DrivenJob): Promise<unknown> }).motorloopStart(given),
            job as DrivenJob,
          );
          ended.catch(() => undefined);
          if (signal.aborted) abort();
          const outcome = (await Promise.race([ended, lost])) as { result: never } | { error: JobError };
          if (failure !== null) throw failure;
          if ('error' in outcome) throw decodeError(outcome.error);
          return outcome.result;
        } finally {
          signal.removeEventListener('abort', abort);
        }
      },
    });
  } finally {
    await browser.close().catch(() => undefined);
    await server.close();
  }
}

async function applyReport(storage: Storage, { path, kind, data }: DriverReport & { type: 'file' }): Promise<void> {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  if (kind === 'remove') await storage.remove(path);
  else if (kind === 'write') await storage.write(path, bytes);
  else {
    await storage.append(path, new TextDecoder().decode(bytes));
    await storage.flush?.(path);
  }
}

/** All files of a storage, as URLs below `base`, for a page to fetch. */
export async function fileUrls(storage: Storage, base: string): Promise<Record<string, string>> {
  const urls: Record<string, string> = {};
  const visit = async (folder: string): Promise<void> => {
    for (const name of await storage.list(folder)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (name.endsWith('/')) await visit(path.slice(0, -1));
      else urls[path] = `${base}${path.split('/').map(encodeURIComponent).join('/')}`;
    }
  };
  await visit('');
  return urls;
}
