// Best epoch and early stopping, and that both survive a checkpoint.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Progress } from '../../src/training/progress.js';

const losses = [0.5, 0.4, 0.41, 0.395, 0.4, 0.3, 0.3, 0.31];

test('the best epoch is the first of the lowest validation loss', () => {
  const progress = new Progress(null);
  assert.is(progress.best, null);
  assert.equal(
    losses.map((loss) => progress.finishEpoch(loss)),
    [true, true, false, true, false, true, false, false],
  );
  assert.equal(progress.best, { epoch: 6, validationLoss: 0.3 });
  assert.is(progress.stopped, false);
});

test('early stopping counts epochs without an improvement larger than the minimum', () => {
  const progress = new Progress({ patience: 3, minimumImprovement: 0.01 });
  const stopped = losses.slice(0, 5).map((loss) => {
    progress.finishEpoch(loss);
    return progress.stopped;
  });
  assert.equal(stopped, [false, false, false, false, true]);
});

test('progress taken up from its counters after any epoch goes on as if it had never stopped', () => {
  const options = { patience: 2, minimumImprovement: 0.005 };
  for (let cut = 0; cut <= losses.length; cut++) {
    const whole = new Progress(options);
    for (const loss of losses) whole.finishEpoch(loss);
    const first = new Progress(options);
    for (const loss of losses.slice(0, cut)) first.finishEpoch(loss);
    const second = new Progress(options);
    second.load(first.epoch, JSON.parse(JSON.stringify(first.save())));
    assert.is(second.stopped, first.stopped);
    for (const loss of losses.slice(cut)) second.finishEpoch(loss);
    assert.equal(second.save(), whole.save());
    assert.is(second.epoch, whole.epoch);
  }
});

test.run();
