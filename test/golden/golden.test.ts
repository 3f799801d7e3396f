// The golden files of the original software, replayed on every backend: networks, losses, optimisers, tasks, bodies, closed loops and analyses.
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kindOf } from '../../src/jobs/check/golden-file.js';
import { checkFile } from '../../src/jobs/check/replay.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';

const folder = new URL('.', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
const { available, missing } = await backendsUnderTest();

test('the repository holds every golden file, each of a known kind', () => {
  assert.is(files.length, 34);
  assert.ok(files.every((name) => kindOf(name) !== null));
});

for (const { label, backend } of available) {
  test(`every golden file is met on ${label}, and nothing is left allocated`, async () => {
    const before = backend.bytesInUse();
    // Generators and analyses run on the host: once is enough.
    const once = ['task_nbff', 'task_multitask_', 'random_target_dataset', 'analysis', 'dsa'];
    for (const file of files.filter((name) => !once.includes(kindOf(name) ?? '') || backend === available[0]?.backend)) {
      const result = await checkFile(backend, file, () => readFileSync(new URL(file, folder)));
      const bad = result.quantities.filter((quantity) => !quantity.ok);
      assert.ok(result.ok, `${file}: ${result.problem ?? JSON.stringify(bad)}`);
    }
    assert.is(backend.bytesInUse(), before);
  });
}
for (const { label, reason } of missing) skip(test, `every golden file is met on ${label}`, reason);

test.after(() => disposeBackends(available));
test.run();
