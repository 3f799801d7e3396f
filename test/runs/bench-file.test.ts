// Result files of benchmarks come from anyone: good ones come back as they were, bad ones are refused with everything that is wrong.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { mergedFile, mostResultBytes, readBenchFile } from '../../src/runs/bench-file.js';
import { benchResult } from '../support/bench-results.js';

function refusal(content: unknown): string {
  try {
    readBenchFile(typeof content === 'string' ? content : JSON.stringify(content), 'theirs.json');
  } catch (error) {
    assert.instance(error, RunFormatError);
    return (error as Error).message;
  }
  return 'nothing was refused';
}

test('a result, and several that were merged, come back as they were', () => {
  const [a, b] = [benchResult(), benchResult(2, 'Other')];
  assert.equal(readBenchFile(JSON.stringify(a), 'a.json'), [a]);
  assert.equal(readBenchFile(JSON.stringify(mergedFile([a, b])), 'ab.json'), [a, b]);
  const { extra, ...rest } = readBenchFile(JSON.stringify({ ...a, extra: '<script>' }), 'a.json')[0] as typeof a & { extra?: string };
  assert.is(extra, undefined);
  assert.equal(rest, a);
});

test('what is no result is refused, and a result with wrong parts names all of them', () => {
  assert.match(refusal('hello'), 'theirs.json: expected JSON, got something else');
  assert.match(refusal([]), 'expected the format motorloop-bench-suite or motorloop-bench-merge, got none');
  assert.match(refusal({ format: 'motorloop-run' }), 'got "motorloop-run"');
  assert.match(refusal(' '.repeat(mostResultBytes + 1)), 'expected a result file of at most');
  const result = benchResult();
  const rows = result.rows.map((row, i) => (i === 1 ? { ...row, medianSeconds: -1, label: 'x'.repeat(5000) } : row));
  const said = refusal({ ...result, rows, machine: { ...result.machine, cores: 'two' } });
  for (const path of ['rows.1.medianSeconds', 'rows.1.label', 'machine.cores']) assert.match(said, path);
  assert.match(refusal({ ...result, rows: Array.from({ length: 4001 }, () => result.rows[0]) }), 'rows');
  assert.match(refusal(mergedFile([])), 'results');
});

test.run();
