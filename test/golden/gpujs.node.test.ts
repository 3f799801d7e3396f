// Golden files on gpu.js's plain JavaScript: networks, losses, optimisers and a whole arm with its gradients; the loop that it lacks is refused by name.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFile } from '../../src/jobs/check/replay.js';
import { gpujsUnderTest } from '../support/gpujs.js';

const test = suite('golden files on gpujs');
const backend = await gpujsUnderTest(test, 'golden files on gpujs');
const replay = (name: string) =>
  checkFile(backend as NonNullable<typeof backend>, `${name}.safetensors`, () => readFileSync(new URL(`${name}.safetensors`, import.meta.url)));

if (backend) {
  test.after(() => backend.dispose());
  for (const name of ['model_gru', 'model_lstm', 'losses', 'optimizers', 'effector_RigidTendonArm26_MujocoHill']) {
    test(`${name} is met`, async () => {
      const { ok, problem, quantities } = await replay(name);
      assert.ok(ok, problem ?? JSON.stringify(quantities.filter((quantity) => !quantity.ok)));
      assert.is(backend.bytesInUse(), 0);
      assert.is(backend.valuesInUse(), 0);
    });
  }
  test('closed_loop is refused by name', async () => {
    const { ok, problem } = await replay('closed_loop');
    assert.not.ok(ok);
    assert.match(problem ?? '', /^closed_loop_forward: expected a kernel of the gpujs backend, got one it lacks: /);
  });
}
test.run();
