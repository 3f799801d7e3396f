// The page of a benchmark and its sentences: who wins by how much, laws and where they break, agreement of two runs, nothing of a file unescaped.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitScalingLaw } from '../../src/analysis/scaling-law.js';
import { renderBench } from '../../src/report/bench-page.js';
import { agreementSentences, lawSentence, mergedSentences, missingSentences, suiteSentences } from '../../src/report/bench-sentences.js';
import { formatSeconds, worksOf } from '../../src/report/bench-works.js';
import { benchResult } from '../support/bench-results.js';

/** What people see of a page. */
const content = (page: string): string => page.slice(page.indexOf('<main'), page.indexOf('<script'));

test('a sentence on everything, and one a kind of work, say what is fastest, by how much, and how far from the ceiling', () => {
  const [all, ...sentences] = suiteSentences(benchResult());
  assert.is(all, 'All in all: wasm relaxed ×2 is fastest in all 6.');
  assert.is(sentences.length, 3);
  assert.is(
    sentences[0],
    'Training steps: wasm relaxed ×2 is fastest, in all 2; wasm simd takes 4.0 times as long. It reaches 50\u202f% of what the device can do.',
  );
  assert.match(sentences[1] as string, 'million trial steps a second');
  const [first] = worksOf(benchResult().rows, 'training');
  assert.equal(
    first?.rows.map(({ variant }) => variant),
    ['relaxed', 'simd'],
  );
});

test('the sentence on everything names the best of each other backend, and a GPU that is none; what is missing is told below', () => {
  const result = benchResult();
  const other = { backend: 'webgpu', variant: 'f32', threads: 1, adapter: 'SwiftShader', software: true };
  const slower = result.rows
    .filter(({ group, threads }) => group === 'training' && threads === 1)
    .map((row) => ({ ...row, ...other, medianSeconds: 3 * row.medianSeconds }));
  const omissions = [
    { label: 'training: a', configuration: 'webgpu f32 (software)', kind: 'wrong' as const, reason: 'far off' },
    ...['b', 'c'].map((label) => ({ label, configuration: null, kind: 'time' as const, reason: 'none left' })),
  ];
  const both = { ...result, rows: [...result.rows, ...slower], suite: { ...result.suite, omissions } };
  assert.is(
    suiteSentences(both)[0],
    'All in all: wasm relaxed ×2 is fastest in all 6; where both were measured, webgpu f32 (software) takes 12 times as long (medians).',
  );
  assert.equal(missingSentences(both), [
    '1 result of webgpu f32 (software) was wrong, and not timed.',
    '2 measurements were left out for want of time; all are named at the end.',
  ]);
  const page = renderBench([both]);
  assert.match(page, '2 measurements were left out');
  assert.match(page, 'SwiftShader: computes on the processor');
});

test('no share of a ceiling is told that was passed: arrays stay in a cache, or other programs were in the way', () => {
  const result = benchResult();
  const says = (more: Partial<(typeof result.rows)[number]>) => {
    const rows = result.rows.filter(({ group }) => group === 'kernels').map((row) => ({ ...row, ...more }));
    return { sentence: suiteSentences({ ...result, rows })[0] as string, page: content(renderBench([{ ...result, rows }])) };
  };
  const cached = says({ bandwidthShare: 1.5 });
  assert.match(cached.sentence, 'It reaches 50');
  assert.match(cached.page, '50\u202f% of arithmetic, in a cache');
  const busy = says({ share: 3 });
  assert.match(busy.sentence, 'from the ceiling is not known: other programs were in the way');
  assert.match(busy.page, 'ceiling not known');
});

test('the page has every section, a roofline with its kernels, and no markup from a file', () => {
  const page = renderBench([benchResult(1, '<img src=x onerror=alert(1)>', { quiet: false, notice: 'This machine is not quiet: <script>.' })]);
  for (const id of ['fastest', 'works', 'roofline', 'scaling', 'start', 'ceilings', 'quiet', 'omitted']) assert.match(page, `<section id="${id}">`);
  assert.match(page, 'not quiet: &lt;script&gt;');
  assert.match(page, '&lt;b&gt;lstm');
  assert.not.match(page, '<img src=x');
  assert.match(page, /class="point-name"[^>]*>matmul</);
  assert.not.match(content(page), /NaN|undefined|Infinity/);
  assert.is((page.match(/class="roof"/g) ?? []).length, 4);
});

test('laws of series are told, and where they break', () => {
  const format = (milliseconds: number) => formatSeconds(milliseconds / 1000);
  const ns = [8, 16, 32, 64];
  const say = (ys: number[], variable: 'batch' | 'hidden') =>
    lawSentence(fitScalingLaw(ns, ys) as NonNullable<ReturnType<typeof fitScalingLaw>>, variable, ns, ys, format);
  assert.is(
    say(
      ns.map((n) => 1 + 0.2 * n),
      'batch',
    ),
    '1\u202fms + 200\u202fµs a trial, within 1\u202f% from 8 to 64',
  );
  assert.is(
    say(
      ns.map((n) => n ** 1.5),
      'hidden',
    ),
    '1\u202fms · n^1.5, within 1\u202f% from 8 to 64',
  );
  assert.match(say([1, 2, 4, 80], 'batch'), /from 8 to 32; breaks above: 10 times the law at 64$/);
  const slower = { kind: 'power', first: 1, second: -0.5, error: 0, range: [0, 4] } as const;
  assert.match(lawSentence(slower, 'threads', ns, ns.map(Math.sqrt), format), /^1\u202fms · n\^0\.50,/);
  assert.match(lawSentence({ ...slower, second: 0.8 }, 'threads', ns, ns, format), /^1\u202fms · n\^−0\.80,/);
});

test('several results are one table across devices; two runs on one device are held against each other', () => {
  const [a, b, again] = [benchResult(), benchResult(3, 'Slower 1'), benchResult(1.2)];
  assert.match(
    mergedSentences([a, b])[0] as string,
    /Training steps: fastest is A: linux x64, 2 cores, Test 3000, node 20\.1\.0, with wasm relaxed ×2, 3\.0 times as fast as B/,
  );
  assert.equal(agreementSentences([a, b]), []);
  assert.match(agreementSentences([a, again])[0] as string, /of 34 medians, 0 agree within 10/);
  assert.match(agreementSentences([a, benchResult(1.05)])[0] as string, /of 34 medians, 34 agree/);
  const page = renderBench([a, b, again]);
  assert.match(page, '3 devices, one benchmark');
  assert.not.match(content(page), /NaN|undefined|Infinity/);
});

test.run();
