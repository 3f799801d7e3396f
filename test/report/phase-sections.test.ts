import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PartDynamics, PhaseDynamics, PhasePoint } from '../../src/analysis/phase-dynamics.js';
import { pageFigures } from '../../src/report/export-figures.js';
import { renderReport } from '../../src/report/report.js';
import { syntheticSummary } from './synthetic.js';
import { withDynamics } from './synthetic-dynamics.js';

const point = (x: number, unstable = 0): PhasePoint => ({ scores: [x, 0.2 * x, 0.1], unstable, speed: 1e-24 });

function part(condition: string, phase: string, turn: number): PartDynamics {
  const values = Array.from({ length: 4 * 20 }, (_, i) => {
    const angle = 0.1 * i + turn;
    return [Math.cos(angle), Math.sin(angle), 0.05 * (i % 20)];
  }).flat();
  const points = [point(-1), point(1), point(0, 1)];
  return { condition, phase, trials: 4, input: [1, 0], unique: 3, stable: 2, byIndex: [2, 1], points, trajectories: { shape: [4, 20, 3], values } };
}

const phases: PhaseDynamics = {
  conditions: ['MemoryPro', 'MemoryAnti <x>'],
  phases: ['mem1', 'response'],
  held: 'first',
  trials: 'validation',
  noise: 'as in training',
  ratios: [0.6, 0.2, 0.1],
  parts: ['MemoryPro', 'MemoryAnti <x>'].flatMap((condition, i) => ['mem1', 'response'].map((phase, k) => part(condition, phase, i + 2 * k))),
  ways: [
    {
      from: 'MemoryPro, mem1',
      to: 'MemoryPro, response',
      tracks: 3,
      steps: [
        { share: 0, points: [{ ...point(0), track: 0 }] },
        { share: 0.5, points: [{ ...point(0), track: 0 }] },
        {
          share: 1,
          points: [
            { ...point(0, 1), track: 0 },
            { ...point(0.7), track: 1 },
            { ...point(-0.7), track: 2 },
          ],
        },
      ],
      changes: [
        { kind: 'changes stability', step: 2, track: 0, before: 0, after: 1 },
        { kind: 'appears', step: 2, track: 1, before: null, after: 0 },
        { kind: 'appears', step: 2, track: 2, before: null, after: 0 },
      ],
    },
  ],
  subspaces: {
    names: ['a', 'b'],
    components: [2, 3],
    ratios: [
      [1, 0.4],
      [null, 1],
    ],
  },
};

const summary = withDynamics(syntheticSummary({ trials: 2, steps: 20, epochs: 3 }));
const [first, ...others] = summary.runs;
const page = renderReport({
  ...summary,
  runs: [{ ...(first as (typeof summary.runs)[number]), dynamics: { ...(first?.dynamics as NonNullable<typeof first.dynamics>), phases } }, ...others],
});

test('the report shows each phase, each way with its bifurcations, and shared subspaces', () => {
  const names = pageFigures(page).map(({ name }) => name);
  for (const name of [
    'phases-phase-mem1',
    'phases-phase-response',
    'ways-memorypro-mem1-to-memorypro-response',
    'ways-memorypro-mem1-to-memorypro-response-in-space',
    'subspaces-cross-projected-variance',
  ])
    assert.ok(names.includes(name), `${name} among ${names.join(', ')}`);
  assert.match(page, '3 points: 2 appear, 1 change stability');
  assert.match(
    page,
    /<th scope="row">MemoryPro, mem1 to MemoryPro, response<\/th><td data-label="Point">1<\/td><td data-label="What">changes stability<\/td><td data-label="Between">0\.50 and 1\.0<\/td>/,
  );
  assert.match(page, 'MemoryAnti &lt;x&gt;');
  assert.not.match(page.replace(/<script[\s\S]*?<\/script>/g, ''), /NaN|undefined|Infinity/);
});

test('without phases there is no section', () => {
  assert.not.match(renderReport(summary), 'id="phases"');
});

test.run();
