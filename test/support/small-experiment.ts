// A small experiment of test/support/experiments/ on wasm and on webgpu: the same losses, and on webgpu the same twice. Node only: it reads the experiment's file,
// which browsers run through `motorloop run --in chromium`.
import { readFileSync } from 'node:fs';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { parseExperiment } from '../../src/config/experiment.js';
import { train } from '../../src/config/train.js';
import { parseYaml } from '../../src/config/yaml.js';
import { assertClose } from './assert-close.js';
import { webgpuUnderTest } from './webgpu.js';

/** Epochs that are compared, and epochs of the second run on webgpu: a software GPU takes a second an epoch. EVERY_CASE=1 takes all 30, twice. */
const every = (process.env['EVERY_CASE'] ?? '') !== '';
const [compared, again] = every ? [30, 30] : [14, 4];

async function losses(name: string, backend: Backend, epochs = Number.POSITIVE_INFINITY): Promise<number[]> {
  const file = new URL(`../support/experiments/${name}.yaml`, import.meta.url);
  const experiment = parseExperiment(parseYaml(readFileSync(file, 'utf8'), name), name);
  const found: number[] = [];
  for await (const event of train(experiment, { backend })) {
    if (event.type === 'epoch') found.push(event.trainLoss, event.validationLoss, event.gradientNorm);
    if (event.type === 'epoch' && event.epoch === epochs) break;
  }
  return found;
}

/** Registers the test of one experiment. */
export async function testSmallExperiment(test: Test, name: string): Promise<void> {
  const what = `${name} learns on webgpu as on wasm, and the same twice`;
  const backend = await webgpuUnderTest(test, what);
  if (!backend) return;
  test.after(() => backend.dispose());
  test(what, async () => {
    const wasm = await createWasmBackend({ threads: 1 });
    const expected = await losses(name, wasm, compared);
    await wasm.dispose();
    const actual = await losses(name, backend, compared);
    assert.is(actual.length, 3 * compared);
    const lossesOf = (all: readonly number[]) => all.filter((_, i) => i % 3 < 2);
    assertClose(lossesOf(actual), lossesOf(expected), { case: name, rtol: 1e-3 });
    const learned = (actual[3 * (compared - 1)] as number) / (actual[0] as number);
    assert.ok(learned < (every ? 0.9 : 0.97), `${actual}`);
    assert.equal(await losses(name, backend, again), actual.slice(0, 3 * again));
  });
}
