import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partText, TrialParts } from '../../src/analysis/trial-parts.js';
import { trialArray } from '../../src/analysis/trials.js';
import type { TrialPhase } from '../../src/tasks/task.js';

const phases = (...ends: readonly (readonly [string, number])[]): TrialPhase[] => ends.map(([name, end], i) => ({ name, start: ends[i - 1]?.[1] ?? 0, end }));

/** Four trials of at most 8 steps: two with a memory (one of them of no length), one that reacts at once, one more of the first kind. */
const parts = new TrialParts({
  part: 'all',
  steps: 8,
  conditions: Int32Array.of(2, 2, 0, 2),
  labels: ['React', 'Unused', 'Memory'],
  lengths: Int32Array.of(8, 6, 5, 7),
  phases: [
    phases(['context', 2], ['stim1', 4], ['mem1', 6], ['response', 8]),
    phases(['context', 1], ['stim1', 3], ['mem1', 3], ['response', 6]),
    phases(['context', 3], ['response', 5]),
    phases(['context', 1], ['stim1', 4], ['mem1', 5], ['response', 7]),
  ],
});
const values = trialArray(
  Float64Array.from({ length: 4 * 8 }, (_, i) => i),
  [4, 8, 1],
);

test('conditions and phases have names in the order of the task and of time', () => {
  assert.equal(parts.conditionNames, ['React', 'Memory']);
  assert.equal(parts.phaseNames, ['context', 'stim1', 'mem1', 'response']);
  assert.is(partText({ condition: 'Memory', phase: 'mem1' }), 'Memory, mem1');
});

test('the masks of all conditions cover every trial exactly once', () => {
  const sum = new Uint8Array(4);
  for (const name of parts.conditionNames)
    parts.trialMask(name).forEach((value, trial) => {
      sum[trial] = (sum[trial] as number) + value;
    });
  assert.equal(sum, Uint8Array.of(1, 1, 1, 1));
});

test('the masks of all parts cover every step of every trial exactly once, and none behind its end', () => {
  const sum = new Uint8Array(32);
  const all = parts.parts();
  assert.equal(all.map(partText), ['React, context', 'React, response', 'Memory, context', 'Memory, stim1', 'Memory, mem1', 'Memory, response']);
  for (const part of all)
    parts.mask(part).forEach((value, i) => {
      sum[i] = (sum[i] as number) + value;
    });
  const lengths = [8, 6, 5, 7];
  assert.equal(
    Array.from(sum),
    Array.from({ length: 32 }, (_, i) => (i % 8 < (lengths[Math.floor(i / 8)] as number) ? 1 : 0)),
  );
  assert.equal(Array.from(parts.mask({})), Array.from(sum), 'all trials');
});

test('an array cut to a part has one row a trial that has it, with its length', () => {
  const cut = parts.cut(values, { condition: 'Memory', phase: 'mem1' });
  assert.equal([cut.trials, cut.steps, Array.from(cut.lengths ?? [])], [2, 2, [2, 1]]);
  assert.equal(Array.from(cut.values), [4, 5, 28, 0]);
  assert.is(parts.cut(values, { phase: 'response' }).trials, 4);
});

test('the input of a part is its mean, or that of the first step of one of its trials', () => {
  const part = { condition: 'Memory', phase: 'mem1' };
  assert.equal(Array.from(parts.input(values, part, 'mean')), [(4 + 5 + 28) / 3]);
  assert.equal(Array.from(parts.input(values, part, 1)), [28]);
  assert.throws(() => parts.input(values, part, 2), /expected a trial from 0 to 1 of Memory, mem1, got 2/);
});

test('names that do not occur are refused with those that do', () => {
  assert.throws(() => parts.trialMask('Unused'), /condition: expected React, Memory, got "Unused"/);
  assert.throws(() => parts.mask({ phase: 'stim2' }), /phase: expected context, stim1, mem1, response, got "stim2"/);
  assert.throws(() => parts.cut(values, { condition: 'React', phase: 'mem1' }), /expected a step of React, mem1/);
});

test.run();
