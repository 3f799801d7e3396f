// Losses by hand: the masked flip-flop error in micro-batches, MultiTask's windows, RandomTarget's ramp, the norm of the latents.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { Workspace } from '../../src/rollout/workspace.js';
import { multitaskWeights } from '../../src/tasks/multitask.js';
import { addLatentNorm, addReachLoss, addTaskLoss, isUndefinedLoss, rampEpochs, reachSteps, weightChannels } from '../../src/training/loss.js';

const backend = createReferenceBackend();
const workspace = new Workspace(backend);
const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual as number) - expected) < 1e-12, `expected ${expected}, got ${actual}`);

function buffers(shape: [number, number, number], prediction: number[], target: number[] | null = null, weight: number[] | null = null) {
  return {
    prediction: workspace.upload(prediction, shape),
    target: target ? workspace.upload(target, shape) : null,
    weight: weight ? workspace.upload(weight, shape) : null,
    trialLoss: workspace.allocate([shape[0]]),
    dPrediction: workspace.allocate(shape),
  };
}

test('squared error is weighted, scaled and divided by the whole batch, not the part', async () => {
  const at = buffers([1, 2, 2], [1, 2, 3, 4], [0, 0, 0, 0], [1, 0, 1, 1]);
  const loss = { kind: 'squared error', scale: 0.25, weights: () => null } as const;
  addTaskLoss(backend, loss, at, 4);
  near((await backend.read(at.trialLoss.buffer))[0], (1 + 9 + 16) / 16);
  assert.equal([...(await backend.read(at.dPrediction.buffer))], [2 / 16, 0, 6 / 16, 8 / 16]);
  assert.equal([weightChannels(loss, 2), weightChannels({ ...loss, kind: 'cross entropy' }, 2)], [2, 1]);
});

test('cross entropy of equal scores is the logarithm of their number', async () => {
  const at = buffers([1, 1, 4], [5, 5, 5, 5], [0, 1, 0, 0]);
  addTaskLoss(backend, { kind: 'cross entropy', scale: 1, weights: () => null }, at, 1);
  near((await backend.read(at.trialLoss.buffer))[0], Math.log(4));
  (await backend.read(at.dPrediction.buffer)).forEach((value, i) => near(value, i === 1 ? -0.75 : 0.25));
});

test('the latent penalty is the norm, and its gradient has the length of its weight over the batch', async () => {
  const states = workspace.upload([3, 0, 0, 4], [1, 2, 2]);
  const trialLoss = workspace.allocate([1]);
  const dStates = workspace.allocate([1, 2, 2]);
  addLatentNorm(backend, { states, trialLoss, dStates }, 0.1, 2, 2);
  near((await backend.read(trialLoss.buffer))[0], 0.25);
  near(Math.hypot(...(await backend.read(dStates.buffer))), 0.05);
});

test('MultiTask weighs the response five times, but not its first steps, and nothing after it', () => {
  const { outputs, latents } = multitaskWeights([10, 18], 1, 20);
  assert.equal([...outputs], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 5, 5, 5, 0, 0]);
  assert.equal([...latents], [...new Array(18).fill(1), 0, 0]);
  // A response that begins within the first five steps or ends beyond the trial stays inside it.
  assert.equal([...multitaskWeights([2, 30], 1, 9).outputs], [0, 0, 0, 0, 0, 0, 0, 5, 5]);
});

const terms = { position: 'squared', positionWeight: 1, actionWeight: 1, rampEpochs: 200, compat: 'none' } as const;

test("a reach's position term grows with the epoch; at epoch 0 it is 0, or NaN as in the original", async () => {
  assert.equal(
    [0, 1, 100, 199, 200, 500].map((epoch) => reachSteps(50, epoch, 200)),
    [0, 1, 25, 50, 50, 50],
  );
  // Epochs at which the original's f64 product gives one step more than exact arithmetic (motor.md 7.5).
  assert.equal(
    [14, 28, 34, 56, 68, 112, 136, 162].map((epoch) => reachSteps(300, epoch, 200)),
    [22, 43, 52, 85, 103, 169, 205, 244],
  );
  assert.is(reachSteps(50, 0, 0), 50);
  for (const [compat, expected] of [
    ['none', 0.5],
    ['ctdb', Number.NaN],
  ] as const) {
    const position = buffers([1, 2, 2], [1, 1, 1, 1], [0, 0, 0, 0]);
    const actions = { ...buffers([1, 2, 1], [1, 0]), trialLoss: position.trialLoss };
    addReachLoss(backend, position, actions, { ...terms, compat }, 0, 1);
    assert.ok(Object.is((await backend.read(position.trialLoss.buffer))[0], expected));
    assert.equal([...(await backend.read(position.dPrediction.buffer))], [0, 0, 0, 0]);
    assert.equal([...(await backend.read(actions.dPrediction.buffer))], [1, 0]);
    const loss = { ...terms, kind: 'reach', compat, weights: () => null } as const;
    assert.equal(
      [0, 1].map((epoch) => isUndefinedLoss(loss, 2, epoch)),
      [compat === 'ctdb', false],
    );
    assert.is(rampEpochs(loss), 200);
  }
});

test('squared positions are averaged over axes, absolute ones summed; weights over time, ramp and the whole batch count', async () => {
  const values = async (position: 'squared' | 'absolute', weight: number[] | null) => {
    const at = { ...buffers([1, 2, 2], [3, -1, 2, 2], [1, 1, 0, 0]), weight: weight && workspace.upload(weight, [1, 2, 1]) };
    const actions = { ...buffers([1, 2, 1], [0, 0]), trialLoss: at.trialLoss };
    addReachLoss(backend, at, actions, { ...terms, position, positionWeight: 10, rampEpochs: 4 }, 2, 5);
    return [(await backend.read(at.trialLoss.buffer))[0], ...(await backend.read(at.dPrediction.buffer))] as number[];
  };
  const close = (actual: number[], expected: number[]) => expected.forEach((value, i) => near(actual[i], value));
  // Half the ramp: the first of two steps, errors 2 and −2.
  close(await values('squared', null), [(10 * 8) / (2 * 5), (10 * 4) / 10, (-10 * 4) / 10, 0, 0]);
  close(await values('absolute', null), [(10 * 4) / 5, 10 / 5, -10 / 5, 0, 0]);
  close(await values('squared', [0.5, 1]), [4, 2, -2, 0, 0]);
});

test.after(() => workspace.dispose());
test.run();
