// Trials of reaching tasks as pictures: cues, pushes and the space of the hand, for every task and body, and for tasks that tell less.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomKey } from '../../src/random.js';
import { reachSpaceFigure, reachTrialFigure, reachTrialHeight, type ReachView } from '../../src/report/reach-trial-figure.js';
import { createTask } from '../../src/tasks/index.js';
import { reachTaskNames, taskOptions } from '../../src/tasks/options.js';
import { goCueOf, pushOf } from '../../src/tasks/reach-metrics.js';
import type { TrialSet } from '../../src/tasks/task.js';

const view = (options: object, trial = 0, change: (set: TrialSet) => TrialSet = (set) => set): ReachView => {
  const task = createTask(taskOptions.parse(options));
  return { task: { ...task, plant: task.plant as ReachView['task']['plant'] }, set: change(task.generate(randomKey(1, 'data'), 0, 20)), trial };
};
const count = (text: string, part: string): number => text.split(part).length - 1;

test('every reaching task is drawn with every kind of body', () => {
  for (const name of reachTaskNames) {
    for (const effector of [{ effector: 'RigidTendonArm26' }, { effector: 'FreePointMass24' }]) {
      const shown = view({ name, steps: 150, effector });
      for (const { text } of [reachTrialFigure(shown), reachSpaceFigure(shown)]) assert.not.match(text, /NaN|undefined|Infinity/);
      assert.is(count(reachSpaceFigure(shown).text, 'class="bone"'), effector.effector === 'RigidTendonArm26' ? 1 : 0, 'a point mass has no bones');
      assert.is(count(reachSpaceFigure(shown).text, 'class="way"'), name === 'cyclic-reach' ? 1 : 0, 'the way of a target that moves');
    }
  }
});

test('cues and pushes are drawn where they are, and told apart in catch trials', () => {
  const go = view({ name: 'random-target', steps: 100, catchProbability: 0 });
  const pushed = Array.from({ length: 20 }, (_, trial) => trial).find((trial) => pushOf(go.set, trial) !== null) as number;
  const calm = Array.from({ length: 20 }, (_, trial) => trial).find((trial) => pushOf(go.set, trial) === null) as number;
  assert.is(count(reachTrialFigure(go).text, 'class="cue"'), 2);
  assert.is(count(reachSpaceFigure({ ...go, trial: pushed }).text, 'class="push"'), 1);
  assert.is(count(reachSpaceFigure({ ...go, trial: calm }).text, 'class="push"'), 0);
  const caught = view({ name: 'random-target', steps: 100, catchProbability: 1 });
  assert.is(goCueOf(caught.set, 0), null);
  assert.match(reachTrialFigure(caught).text, 'target (catch trial: stay)');
  // its target is where the inputs say, not where the hand should be
  const [x, y] = [caught.set.targets[0], caught.set.targets[1]];
  const circle = /<circle cx="([^"]+)" cy="([^"]+)"/.exec(reachSpaceFigure(caught).text) as RegExpExecArray;
  const box = /<rect x="([^"]+)" y="([^"]+)"/.exec(reachSpaceFigure(caught).text) as RegExpExecArray;
  assert.ok(Math.hypot(Number(circle[1]) - Number(box[1]) - 5, Number(circle[2]) - Number(box[2]) - 5) > 3, `start ${x}, ${y}`);
});

test('a task of one’s own without cues or forces has no row for them', () => {
  const own = view({ name: 'random-target', steps: 60 }, 0, ({ endpointLoads: _loads, ...set }) => ({ ...set, extra: new Float32Array(0) }));
  const full = view({ name: 'random-target', steps: 60 });
  assert.is(count(reachTrialFigure(own).text, 'class="cue"'), 0);
  assert.ok(reachTrialHeight(own) < reachTrialHeight(full));
  assert.not.match(reachSpaceFigure(own).text, /NaN|undefined/);
});

test.run();
