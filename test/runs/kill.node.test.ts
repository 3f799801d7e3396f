// Killed with SIGKILL at random moments and resumed, a run ends with the bytes of one that was left alone. Node only: it needs processes.
// `node --import tsx scripts/kill-test.ts` does the same with more kills.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { killAndResume } from '../support/kill.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

test('a run killed at random moments leaves a readable directory and resumes to the same bytes, with 1 or 2 threads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'motorloop-kill-'));
  try {
    const experiment = tinyExperiment({ 'training.epochs': 60, 'task.steps': 40, 'training.checkpointEpochs': [10, 20, 30] });
    await killAndResume({ folder, experiment, backend: 'wasm', threads: [1, 2], kills: 4, killsPerRun: 2, seed: 20261122 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
