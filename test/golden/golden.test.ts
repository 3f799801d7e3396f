// The golden files of the original software, replayed on every backend: networks, losses, optimisers, the flip-flop, bodies and closed loops so far.
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kindOf } from '../../src/jobs/check/golden-file.js';
import { checkFile, supportedKinds } from '../../src/jobs/check/replay.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';

const folder = new URL('.', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
const supported = files.filter((name) => supportedKinds.some((kind) => kind === kindOf(name)));
const { available, missing } = await backendsUnderTest();

test('the repository holds every golden file, 30 of which are of supported kinds', () => {
  assert.is(files.length, 34);
  assert.is(supported.length, 30);
});

for (const { label, backend } of available) {
  test(`every supported golden file is met on ${label}, and nothing is left allocated`, async () => {
    const before = backend.bytesInUse();
    // Generators and analyses run on the host: once is enough.
    const once = ['task_nbff', 'random_target_dataset', 'analysis', 'dsa'];
    for (const file of supported.filter((name) => !once.includes(kindOf(name) ?? '') || backend === available[0]?.backend)) {
      const result = await checkFile(backend, file, () => readFileSync(new URL(file, folder)));
      const bad = result.quantities.filter((quantity) => !quantity.ok);
      assert.ok(result.ok, `${file}: ${result.problem ?? JSON.stringify(bad)}`);
    }
    assert.is(backend.bytesInUse(), before);
  });
}
for (const { label, reason } of missing) skip(test, `every supported golden file is met on ${label}`, reason);

test.after(() => disposeBackends(available));
test.run();
