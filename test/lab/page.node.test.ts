// The lab's page in headless Chromium, which only Node can drive: from loading to a report, a download that `analyse` reads, runs from elsewhere, and axe.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBackend } from '../../src/backends/create.js';
import { parseExperimentText } from '../../src/config/yaml.js';
import { runExperiment } from '../../src/jobs/run-experiment.js';
import { launchChromium } from '../../src/platform/chromium.js';
import { labFolder, serveStatic, type Server } from '../../src/platform/serve.js';
import { hostFacts, nodeStorage } from '../../src/platform/node.js';
import { type MemoryStorage, memoryStorage } from '../../src/runs/memory-storage.js';
import { openRun } from '../../src/runs/open-run.js';
import { packZip, unpackZip } from '../../src/runs/zip.js';
import { motorloop } from '../cli/cli.js';
import { benchResult } from '../support/bench-results.js';
import { skip } from '../support/skip.js';

const text = `# two small networks
name: tiny
task: { name: flipflop, bits: 3, steps: 40 }
data: { trials: 40 }
training: { epochs: 12, batchSize: 16, learningRate: 0.01 }
models:
  - { cell: gru, hiddenSize: 6 }
  - { cell: node, hiddenSize: 3, layerSizes: [8] }
`;

const folder = mkdtempSync(join(tmpdir(), 'motorloop-lab-'));
let server: Server;
let page: Page;
const complaints: string[] = [];

async function openPage(browser: Browser, url: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme, reducedMotion: 'reduce' });
  const opened = await context.newPage();
  opened.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  opened.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  opened.setDefaultTimeout(60_000);
  await opened.goto(url);
  await opened.waitForFunction(() => document.querySelector<HTMLIFrameElement>('iframe.trials')?.contentDocument?.querySelector('svg') != null);
  return opened;
}

/** What axe finds, a line each. */
async function violations(on: Page): Promise<string[]> {
  await on.evaluate(axe.source);
  const found = await on.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run({ exclude: ['iframe'] }));
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
}

/** The same experiment in this process: what the page should arrive at. */
async function runHere(experiment: string): Promise<MemoryStorage> {
  const storage = memoryStorage();
  const backend = await createBackend('wasm', { threads: 1 });
  const host = await hostFacts();
  try {
    await runExperiment({ experiment: parseExperimentText(experiment, 'here'), storage, backend, signal: new AbortController().signal, host, command: 'run' });
  } finally {
    await backend.dispose();
  }
  return storage;
}

const trials = () => page.frameLocator('iframe.trials').locator('body');
const options = (selector: string) => page.locator(`${selector} option`).allTextContents();

let browser: Browser | null = null;
let missing = '';
try {
  browser = await launchChromium();
} catch (error) {
  missing = (error as Error).message;
  if ((process.env.REQUIRE_BACKENDS ?? '').split(',').includes('chromium')) throw error;
}

if (browser === null) skip(test, 'the lab works in a browser', missing);
else registerTests(browser);

function registerTests(running: Browser): void {
  test.before(async () => {
    server = await serveStatic({ folders: { '/': await labFolder() } });
    page = await openPage(running, server.url);
  });

  test.after(async () => {
    await running.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the page loads with the quick start, its trials and what the browser offers', async () => {
    assert.is(await page.title(), 'motorloop lab');
    assert.match(await page.inputValue('#text'), 'name: quickstart');
    assert.match((await trials().textContent()) ?? '', 'Total pulse probability 3.0 %');
    assert.is(await page.frameLocator('iframe.trials').locator('svg.cube').count(), 6);
    assert.is(await page.locator('#single-thread').count(), 0);
    assert.equal(await violations(page), []);
  });

  test('a changed parameter redraws the trials at once, a wrong one is named and keeps the last trials', async () => {
    await page.fill('#field-task-noise', '0.4');
    await trials().getByText('noise 0.4').waitFor();
    await page.fill('#field-task-bits', '5');
    await trials().getByText('bits 5').waitFor();
    assert.match(await page.inputValue('#text'), 'noise: 0.4');
    await page.fill('#field-task-switchProbability', '0.7');
    await page.fill('#field-task-steps', '3');
    await page.locator('.stale').waitFor();
    const problems = await page.locator('#problems li').allTextContents();
    assert.is(problems.length, 2);
    assert.ok(problems.some((problem) => /^task\.switchProbability: expected a number of at least 0 and at most 0\.5, got 0\.7$/.test(problem)));
    assert.ok(await page.locator('.bar button.main').isDisabled());
    assert.equal(await violations(page), []);
    await page.selectOption('#task-name', 'centre-out-reach');
    await trials().getByText('centre-out-reach, seed 0').waitFor();
    await page.fill('#field-task-distance', '0.07');
    await trials().getByText('distance 0.07').waitFor();
  });

  test('an experiment runs to its end on wasm, and its report is there', async () => {
    await page.fill('#text', text);
    await page.fill('#field-seed', '3');
    await page.selectOption('#backend', 'wasm');
    await page.fill('#threads', '2');
    await page.focus('.bar button.main');
    await page.keyboard.press('Enter');
    await page.locator('#run option', { hasText: 'complete' }).waitFor({ state: 'attached' });
    assert.is(await page.locator('#curves svg.chart').count(), 4);
    assert.match((await page.textContent('#spoken')) ?? '', 'The run is complete');
    assert.is(await page.frameLocator('#report iframe').locator('h1').textContent(), 'tiny');
    assert.equal(await violations(page), []);
  });

  test('the download is a run that analyse reads, and finds the same in', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download the run')]);
    assert.match(download.suggestedFilename(), /^tiny-[\d-]+\.zip$/);
    await download.saveAs(join(folder, 'browser.zip'));
    const files = unpackZip(new Uint8Array(readFileSync(join(folder, 'browser.zip'))), 'browser.zip');
    assert.is(JSON.parse(new TextDecoder().decode(files.get('experiment.json'))).seed, 3);
    const { code, errors } = await motorloop(['analyse', 'browser.zip', '--quiet'], folder);
    assert.is(code, 0, errors);
    const here = JSON.parse(readFileSync(join(folder, 'browser', 'analysis.json'), 'utf8'));
    const there = JSON.parse(new TextDecoder().decode(files.get('analysis.json')));
    // analyse measures the dynamics as well
    for (const run of here.runs) run.dynamics = null;
    for (const key of ['runs', 'trials', 'similarity', 'task', 'constantLoss', 'notes']) assert.equal(here[key], there[key], key);
    assert.ok(existsSync(join(folder, 'browser', 'report.html')));
  });

  test('runs made in Node open from a folder and from a zip, and two losses lie on one chart', async () => {
    const made = await runHere(text.replace('0.01', '0.003').replace('name: tiny', 'name: other').replace('epochs: 12', 'epochs: 15'));
    const onDisk = nodeStorage(join(folder, 'node-run'));
    for (const [path, data] of made.files) await onDisk.write(path, data);
    await page.setInputFiles('#open-folder', join(folder, 'node-run'));
    await page.locator('#run option', { hasText: 'other, from node-run (complete)' }).waitFor({ state: 'attached' });
    assert.is(await page.frameLocator('#report iframe').locator('h1').textContent(), 'other');
    await page.setInputFiles('#open-zip', join(folder, 'browser.zip'));
    await page.locator('#run option', { hasText: 'tiny, from browser.zip (complete)' }).waitFor({ state: 'attached' });

    const choices = await options('#compare-0');
    assert.is(choices.length, 6);
    await page.selectOption('#compare-0', { label: choices.find((name) => /^GRU-6 · tiny, \d/.test(name)) as string });
    await page.selectOption('#compare-1', { label: 'GRU-6 · other, from node-run' });
    await page.locator('#compare-epoch').fill('9');
    const rows = (await openRun(made, 'GRU-6/seed-0')).metrics;
    const shown = await page.locator('#compare-values tbody tr').nth(1).locator('td').allTextContents();
    assert.is(Number(shown[0]), Number(rows[8]?.validationLoss.toPrecision(3)));
    assert.is(Number(shown[1]), Number(rows[8]?.trainLoss.toPrecision(3)));
    await page.hover('.overlay', { position: { x: 2, y: 40 } });
    assert.match((await page.textContent('#compare-values th')) ?? '', 'After epoch 1');
    assert.equal(await violations(page), []);
  });

  test('the page says what the browser offers, and what it lacks and why', async () => {
    await page.waitForSelector('.devices', { state: 'attached', timeout: 200_000 });
    const said = (await page.textContent('.devices')) ?? '';
    assert.match(said, /wasm works: simd/);
    assert.match(said, /webgpu .*reference works/);
  });

  test('the benchmark measures this browser in a worker; results of others lie beside it, and what is no result is refused', async () => {
    const title = page.frameLocator('iframe.bench').locator('h1');
    await page.fill('#suite-seconds', '1');
    await page.selectOption('#suite-backend', 'wasm');
    await page.click('#measure');
    await title.getByText('What is fastest here').waitFor();
    assert.match((await page.textContent('#bench-results')) ?? '', 'measured here');
    writeFileSync(join(folder, 'theirs.json'), JSON.stringify(benchResult(2, 'Other 9000')));
    writeFileSync(join(folder, 'none.json'), '{"name": "tiny"}');
    await page.setInputFiles('#open-results', [join(folder, 'theirs.json'), join(folder, 'none.json')]);
    await title.getByText('2 devices, one benchmark').waitFor();
    assert.match((await page.textContent('#bench-results')) ?? '', 'Other 9000');
    assert.match((await page.textContent('#bench-problem')) ?? '', 'none.json: expected the format motorloop-bench-suite');
    assert.equal(await violations(page), []);
  });

  test('a file that is no run is refused in words', async () => {
    writeFileSync(join(folder, 'bad.zip'), 'hello');
    await page.setInputFiles('#open-zip', join(folder, 'bad.zip'));
    await page.locator('.notice', { hasText: 'bad.zip: expected a zip archive, got something else' }).waitFor();
    await page.click('text=Close');
    writeFileSync(join(folder, 'mine.yaml'), text.replace('name: tiny', 'name: mine'));
    await page.setInputFiles('#open-experiment', join(folder, 'mine.yaml'));
    await page.locator('.bar', { hasText: 'mine' }).waitFor();
  });

  test('the report of a run from anyone reaches neither the page nor the network', async () => {
    const seen: string[] = [];
    const stranger = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const hostile = `<!doctype html><h1>hostile</h1><img src="http://127.0.0.1:${port}/image"><script>
      try { parent.document.title = 'taken'; } catch {}
      fetch('http://127.0.0.1:${port}/fetch').catch(() => {}).then(() => { document.body.append('done'); });
    </script>`;
    const files = unpackZip(new Uint8Array(readFileSync(join(folder, 'browser.zip'))), 'browser.zip');
    files.set('report.html', new TextEncoder().encode(hostile));
    writeFileSync(join(folder, 'hostile.zip'), packZip(files, 'hostile'));
    const before = complaints.length;
    await page.setInputFiles('#open-zip', join(folder, 'hostile.zip'));
    await page.frameLocator('#report iframe').getByText('done').waitFor();
    assert.is(await page.title(), 'motorloop lab');
    assert.equal(seen, []);
    complaints.length = before; // the browser says what it refused
    stranger.close();
  });

  test('a run that is stopped goes on from where it was, to the same end', async () => {
    const long = text.replace('epochs: 12', 'epochs: 250').replace(/ {2}- \{ cell: node.*\n/, '');
    await page.fill('#text', long);
    await page.click('.bar button.main');
    await page.waitForFunction(() => /epoch [2-9]\d? of 250/.test(document.querySelector('.bar-text')?.textContent ?? ''));
    await page.click('.bar button.main');
    await page.locator('#run option', { hasText: /\(stopped\)/ }).waitFor({ state: 'attached' });
    await page.click('#training button:text("Resume")');
    await page.waitForFunction(() => document.querySelector('#run option:last-child')?.textContent?.includes('(complete)'));
    const loss = /epoch 250 of 250 · loss ([\d.]+)/.exec((await page.textContent('#curves h3')) ?? '')?.[1];
    const { metrics: rows } = await openRun(await runHere(long), 'GRU-6/seed-0');
    assert.is(Number(loss), Number(rows[249]?.validationLoss.toPrecision(3)));
  });

  test('on a phone nothing sticks out, and everything is reached with the keyboard', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 400);
    assert.equal(await violations(page), []);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const reached = new Set<string>();
    for (let i = 0; i < 100; i++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => (document.activeElement?.id || document.activeElement?.textContent || '').slice(0, 40)));
    }
    for (const name of ['Run', 'bundled', 'text', 'field-task-noise', 'trial-count', 'backend', 'run', 'compare-epoch'])
      assert.ok(reached.has(name), `${name}: ${[...reached].join(', ')}`);
    assert.equal(complaints, []);
  });

  test('without the headers the page says that it has one thread, and trains on it; at night it passes axe as well', async () => {
    const plain = await serveStatic({ folders: { '/': await labFolder() }, isolated: false });
    try {
      const other = await openPage(running, plain.url, 'dark');
      assert.match((await other.textContent('#single-thread')) ?? '', 'One thread only. This page came without the two headers (COOP and COEP)');
      await other.fill('#text', text.replace('epochs: 12', 'epochs: 3'));
      await other.click('.bar button.main');
      await other.locator('#run option', { hasText: 'complete' }).waitFor({ state: 'attached' });
      assert.match((await other.textContent('.facts-line')) ?? '', 'On wasm (simd): one thread');
      assert.equal(await violations(other), []);
      assert.equal(complaints, []);
    } finally {
      await plain.close();
    }
  });
}

test.run();
