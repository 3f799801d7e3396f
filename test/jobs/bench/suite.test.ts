// The suite: rows that were checked, within the budget; what a backend refuses or gets wrong is named, not timed; how quiet the machine was is told.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../../src/backends/backend.js';
import { createBackend, registerBackend } from '../../../src/backends/create.js';
import { BackendError, KernelError } from '../../../src/errors.js';
import type { JobContext } from '../../../src/jobs/context.js';
import { type SuiteOptions, suite } from '../../../src/jobs/bench/suite.js';
import { Calibration, judge, quietNotice } from '../../../src/jobs/bench/suite-calibration.js';
import { alternate, type Samples } from '../../../src/jobs/bench/suite-measure.js';
import { Pace } from '../../../src/jobs/bench/suite-pace.js';
import { suiteItems } from '../../../src/jobs/bench/suite-plan.js';
import { readBenchFile } from '../../../src/runs/bench-file.js';
import { configurationName, suiteGroups } from '../../../src/runs/bench-result.js';
import { benchResult } from '../../support/bench-results.js';

const { machine } = benchResult();
const said: string[] = [];
const context = {
  signal: new AbortController().signal,
  host: { machine: async () => machine },
  progress: { update: (line: string) => said.push(line) },
  print: () => {},
  warn: () => {},
} as unknown as JobContext;
const run = (options: Partial<SuiteOptions>) => suite({ quick: true, ...options }, context);

/** A backend that passes everything on to the reference, but for one method. */
function stub(name: string, change: (inner: Backend) => Partial<Backend>): void {
  registerBackend(name, async () => {
    const inner = await createBackend('reference', {});
    const backend = new Proxy(inner, {
      get(target, key) {
        const own = change(target)[key as keyof Backend] ?? Reflect.get(target, key);
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
    return backend;
  });
}

// one configuration, where wasm has four on two cores
registerBackend('one', () => createBackend('wasm', { variant: 'simd', threads: 1 }));
stub('refuses', (inner) => ({
  description: { ...inner.description, name: 'refuses', variant: 'default' },
  run: (kernel, call) => {
    if (kernel === 'gradient_norm') throw new KernelError('refuses: expected another kernel, got gradient_norm');
    inner.run(kernel, call);
  },
}));
stub('breaks', (inner) => ({
  description: { ...inner.description, name: 'breaks', variant: 'default' },
  run: (kernel, call) => {
    const entries = call.args.gradient?.shape[0] ?? 0;
    if (kernel === 'gradient_norm' && entries > 10_000) throw new BackendError('breaks: expected a working backend, got a device that was lost');
    inner.run(kernel, call);
  },
}));
stub('wrong', (inner) => ({
  description: { ...inner.description, name: 'wrong', variant: 'default' },
  read: async (buffer, ...more) => (await inner.read(buffer, ...more)).map((value: number) => value + 0.5) as never,
}));

test('small work is checked and timed on every configuration, and the file can be read again', async () => {
  const result = await run({ seconds: 60, backend: ['one', 'reference'], group: ['optimiser'] });
  const names = [...new Set(result.rows.filter(({ group }) => group === 'optimiser').map(configurationName))];
  assert.equal(names, ['wasm simd', 'reference f64']);
  for (const row of result.rows.filter(({ group }) => group !== 'start-up')) {
    assert.ok(row.checked && (row.checkedDeviation ?? 1) < 1e-4, row.label);
    assert.ok(row.medianSeconds > 0 && row.minSeconds <= row.medianSeconds && row.medianSeconds <= row.p95Seconds, row.label);
  }
  const limit = result.ceiling.measured[0];
  assert.ok(limit && limit.gflops > 0 && (limit.gigabytesPerSecond ?? 0) > 0 && (limit.cacheGigabytesPerSecond ?? 0) > 0);
  assert.match(result.suite.notice, /This machine is (not )?quiet/);
  assert.ok(result.suite.timerSeconds > 0 && result.suite.timerSeconds < 0.01);
  assert.ok(
    said.some((line) => /^\d+ of 60 s · optimiser: gradient_norm/.test(line)),
    said.at(-1),
  );
  assert.equal(readBenchFile(JSON.stringify(result), 'own.json')[0]?.rows.length, result.rows.length);
});

test('what a backend refuses, gets wrong or breaks on is named with its reason and not timed, and everything else stays', async () => {
  const { rows, suite: facts } = await run({ seconds: 60, backend: ['refuses', 'wrong', 'breaks'], group: ['optimiser'] });
  const about = (configuration: string) => facts.omissions.filter((omission) => omission.configuration === configuration);
  const [refused] = about('refuses').filter(({ kind }) => kind === 'refused');
  assert.match(refused?.label ?? '', 'optimiser: gradient_norm');
  assert.match(refused?.reason ?? '', 'got gradient_norm');
  assert.ok(about('breaks').length > 0 && about('breaks').every(({ label, kind }) => label.includes('gradient_norm') && kind === 'refused'));
  assert.match(about('breaks')[0]?.reason ?? '', 'a device that was lost');
  assert.ok(rows.some((row) => row.kernel === 'optimizer_step' && configurationName(row) === 'breaks'));
  assert.ok(about('wrong').length >= 3 && about('wrong').every(({ kind }) => kind === 'wrong'));
  assert.not.ok(rows.some(({ backend, group }) => backend === 'wrong' && group === 'optimiser'));
  assert.not.ok(rows.some(({ backend, kernel }) => backend === 'refuses' && kernel === 'gradient_norm'));
});

test('with next to no time everything is left out by name, and backends that do not exist are refused', async () => {
  const { suite: facts } = await run({ seconds: 1e-3, backend: ['one'], group: ['kernels'] });
  assert.is(facts.omissions.filter(({ kind }) => kind === 'time').length, suiteItems(true).filter(({ group }) => group === 'kernels').length);
  assert.is(facts.quiet, false);
  let message = '';
  await run({ backend: ['abacus'] }).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /--backend: expected wasm.*, got "abacus"/);
});

test('contenders take turns, and one whose runs are longer than its part has its first run only', async () => {
  const order: string[] = [];
  const wait = (name: string, ms: number) => ({
    name,
    opened: { memoryBytes: 0, dispose() {}, run: () => new Promise((resolve) => setTimeout(resolve, ms)).then(() => order.push(name)) },
  });
  const options = { mostSamples: 4, warmUpSeconds: 0, timerSeconds: 1e-6, calibration: new Calibration(performance.now()), signal: context.signal };
  const [one, two] = (await alternate([wait('one', 25), wait('two', 25)], { ...options, allowanceSeconds: 100 })) as [Samples, Samples];
  assert.equal([one.seconds.length, two.seconds.length], [4, 4]);
  // after two runs each to warm up, the order rotates
  assert.equal(order.slice(4), ['one', 'two', 'two', 'one', 'one', 'two', 'two', 'one']);
  const [slow] = (await alternate([wait('slow', 300)], { ...options, allowanceSeconds: 0.1 })) as [Samples];
  assert.equal(slow.seconds, [slow.firstSeconds]);
});

test('every kind of work is there, quick is a part of full, and labels tell works of a kind apart', () => {
  const [quick, full] = [suiteItems(true), suiteItems(false)];
  assert.equal([...new Set(full.map(({ group }) => group))].sort(), suiteGroups.filter((group) => group !== 'start-up').sort());
  const key = ({ group, label, scaling }: (typeof full)[number]) => `${group}: ${scaling?.variable ?? ''} ${label}`;
  assert.is(new Set(full.map(key)).size, full.length);
  assert.ok(quick.length < full.length);
});

test('a loop is judged by its spread and its drift: rare pauses are forgiven, other work and throttling are not', () => {
  const loop = (take: (i: number) => number) => {
    const at = Array.from({ length: 240 }, (_, i) => i);
    return judge({ device: 'processor', at, seconds: at.map((i) => 0.004 * take(i)) });
  };
  const said = (take: (i: number) => number) => quietNotice([loop(take)]);
  assert.ok(loop((i) => 1 + 0.02 * (i % 3)).quiet);
  assert.ok(loop((i) => (i % 20 === 0 ? 5 : 1)).quiet, 'a pause now and then');
  const shared = loop((i) => 1 + 0.15 * (i % 2));
  assert.ok(!shared.quiet && shared.drift < 0.01 && Math.abs(shared.spread - 0.14) < 0.01);
  const slowOnce = (i: number) => (i >= 80 && i < 120 ? 1.2 : 1);
  assert.ok(!loop(slowOnce).quiet && Math.abs(loop(slowOnce).drift - 0.2) < 0.01);
  assert.not.match(said(slowOnce), 'throttle');
  assert.match(
    said((i) => 1 + i / 480),
    'The processor got slower and slower, 1.4 times by the end, as devices do that throttle',
  );
});

test('what takes too long on a backend is known from the best speed that it has shown', () => {
  const pace = new Pace();
  const step = { flops: 1000, trialSteps: 10 };
  assert.is(pace.seconds('slow', step), null);
  pace.saw('slow', step, 1, 0.1);
  pace.saw('slow', step, 5);
  pace.saw('slow', { flops: 1e9, trialSteps: null }, 1);
  assert.is(pace.seconds('slow', { flops: 4000, trialSteps: 40 }), 20);
  assert.is(pace.seconds('slow', { flops: null, trialSteps: 40 }), null);
});

test('a loop that varies or drifts is no quiet machine, and the sentence says by how much', () => {
  const base = { device: 'processor', at: [], seconds: [], medianSeconds: 1 };
  assert.match(quietNotice([{ ...base, spread: 0.02, drift: 0.03, quiet: true }]), 'spread by 2% and drifted by 3%');
  assert.match(quietNotice([{ ...base, spread: 0.02, drift: 0.34, quiet: false }]), 'This machine is not quiet: a loop of fixed work');
  assert.match(quietNotice([{ ...base, spread: 0.02, drift: 0.34, quiet: false }]), 'on the processor it spread by 2% and drifted by 34%');
});

test.run();
