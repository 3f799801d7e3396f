// The bundles in a plain page, as from a CDN, without the headers for shared memory: they train on one thread, say why, and leave the page free. Needs Node: it drives a browser.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveStatic } from '../../src/platform/serve.js';
import { chromiumOrSkip } from '../support/chromium.js';

const test = suite('bundles');
const bundles = join(process.cwd(), 'dist', 'bundle');
const browser = await chromiumOrSkip(test, 'the bundles in a page');
const server = await serveStatic({ folders: { '/': bundles }, pages: { '/': '<!doctype html><title>page</title>' }, isolated: false });
const page = await browser?.newPage();
await page?.goto(server.url);
test.after(async () => {
  await browser?.close();
  await server.close();
});

/** Runs a module's text in the page; its default export is an async function whose result comes back. */
function inPage<T>(text: string): Promise<T> {
  return page?.evaluate(
    async (source) => {
      const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
      return (await import(url)).default();
    },
    text.replaceAll("'./", `'${server.url}`),
  ) as Promise<T>;
}

const tiny = JSON.stringify({
  name: 'tiny',
  task: { name: 'flipflop', bits: 2, steps: 12 },
  data: { trials: 20 },
  training: { epochs: 3, batchSize: 6 },
  models: [{ cell: 'gru', hiddenSize: 4 }],
});

if (page) {
  test('the package trains from a script of the page, on one thread, and says why', async () => {
    const { reason, threads, losses } = await inPage<{ reason: string; threads: number; losses: number[] }>(`
      import { createBackend, parseExperiment, train } from './motorloop.js';
      export default async () => {
        const backend = await createBackend('wasm');
        const losses = [];
        for await (const event of train(parseExperiment(${tiny}, 'tiny'), { backend })) if (event.type === 'epoch') losses.push(event.validationLoss);
        const { reason, threads } = backend.description;
        await backend.dispose();
        return { reason, threads, losses };
      };`);
    assert.is(threads, 1);
    assert.match(reason, /^one thread: .*cross-origin isolated \(COOP and COEP headers\)/);
    assert.is(losses.length, 3);
    assert.ok((losses[2] as number) < (losses[0] as number));
  });

  test('a worker runs an experiment while the page lives; it stops on request, and its files go on', async () => {
    const { backend, events, ticks, first, second, files } = await inPage<Record<string, never> & { files: string[]; events: string[] }>(`
      import { BrowserRunner } from './client.js';
      export default async () => {
        const runner = new BrowserRunner('./worker.js');
        const controller = new AbortController();
        const events = new Set();
        let backend = null;
        let ticks = 0;
        const timer = setInterval(() => ticks++, 5);
        const experiment = { ...${tiny}, training: { epochs: 400, batchSize: 6 } };
        const stopped = await runner.run(
          { experiment, backend: 'wasm' },
          {
            signal: controller.signal,
            onEvent(event) {
              events.add(event.type);
              if (event.type === 'backend') backend = event.backend.reason;
              if (event.type === 'epoch' && event.epoch === 5) controller.abort();
            },
          },
        );
        clearInterval(timer);
        const epoch = stopped.result.runs[0].epochs;
        const resumed = await runner.run({ experiment, backend: 'wasm', files: stopped.files }, { onEvent: ({ type }) => events.add(type) });
        runner.close();
        return { backend, events: [...events], ticks, first: stopped.status, second: [resumed.status, epoch < 400, resumed.result.runs[0].epochs], files: Object.keys(resumed.files) };
      };`);
    assert.match(backend, 'cross-origin isolated');
    assert.is(first, 'aborted');
    assert.equal(second, ['complete', true, 400]);
    assert.ok(ticks > 0);
    for (const type of ['backend', 'plan', 'epoch', 'done', 'analysis']) assert.ok(events.includes(type), type);
    for (const file of ['experiment.json', 'report.html', 'analysis.json', 'GRU-4/seed-0/manifest.json', 'GRU-4/seed-0/checkpoints/last.safetensors'])
      assert.ok(files.includes(file), file);
  });

  test('previews, and mistakes, come back as they are in Node', async () => {
    const { preview, error } = await inPage<{ preview: { task: string; sheet: string }; error: { name: string; message: string } }>(`
      import { BrowserRunner } from './client.js';
      export default async () => {
        const runner = new BrowserRunner('./worker.js');
        const preview = await runner.preview({ experiment: ${tiny}, trials: 2 });
        const error = await runner.run({ experiment: { name: 'bad' } }).catch(({ name, message }) => ({ name, message }));
        runner.close();
        return { preview, error };
      };`);
    assert.is(preview.task, 'flipflop');
    assert.match(preview.sheet, /^<svg/);
    assert.is(error.name, 'ConfigError');
    assert.match(error.message, /task/);
  });

  test('the core differentiates a rollout in the page', async () => {
    const gradient = await inPage<number[]>(`
      import { createBackend, square, sum, tensor, valueAndGradients } from './core.js';
      export default async () => {
        const backend = await createBackend('wasm');
        const x = tensor(backend, [1, -2, 3]);
        const { gradients } = await valueAndGradients(() => sum(square(x)), [x]);
        const values = [...(await gradients[0].data())];
        await backend.dispose();
        return values;
      };`);
    assert.equal(gradient, [2, -4, 6]);
  });
}

const shown = [...readFileSync('docs/browser.md', 'utf8').matchAll(/^```html\n([\s\S]*?)^```/gm)].map(([, html]) => html as string);

for (const [index, html] of shown.entries()) {
  if (!page) break;
  test(`page ${index + 1} of docs/browser.md works as it stands there`, async () => {
    const own = html.replaceAll('https://cdn.jsdelivr.net/npm/motorloop/dist/bundle/', './');
    const shop = await serveStatic({ folders: { '/': bundles }, pages: { '/': own }, isolated: false });
    const visit = await browser?.newPage();
    try {
      await visit?.goto(shop.url);
      await visit?.waitForFunction(() => document.title === 'trained');
      assert.match((await visit?.textContent('body')) ?? '', index === 0 ? /cross-origin isolated.*epoch 5: loss 0\.\d+/s : /complete: .*report\.html/s);
    } finally {
      await visit?.close();
      await shop.close();
    }
  });
}

test('docs/browser.md shows pages', () => assert.ok(shown.length >= 2));

/** A bundle and everything that it imports at once. */
function closure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, next] of readFileSync(join(bundles, file), 'utf8').matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) closure(next as string, seen);
  return seen;
}

test('the core, with the kernels in WebAssembly and all shaders, takes less than 120 KB gzipped', () => {
  const files = [...closure('core.js')];
  const texts = files.map((file) => readFileSync(join(bundles, file), 'utf8'));
  // The kernels come with the first backend that computes in WebAssembly: one import of a chunk that holds nothing else.
  const kernels = /simd:\(\)=>import\("\.\/([^"]+)"\)/.exec(texts.join('\n'))?.[1] as string;
  assert.ok(
    texts.some((text) => text.includes('@compute')),
    'the shaders are inside',
  );
  const sizes = [...files, kernels].map((file) => gzipSync(readFileSync(join(bundles, file)), { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < 120_000, `${total} bytes`);
});

test.run();
