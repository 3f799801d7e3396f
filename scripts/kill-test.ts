// Kills training runs with SIGKILL at random moments, resumes them, and compares their files with those of an uninterrupted run, byte by byte.
// Usage: node --import tsx scripts/kill-test.ts [kills, default 20] [seed, default 1] [experiment, a YAML file; default: three networks on a flip-flop].
// Exits 1 at the first difference. Takes minutes.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseExperimentText } from '../src/config/yaml.js';
import { killAndResume } from '../test/support/kill.js';
import { tinyExperiment } from '../test/support/tiny-experiment.js';

const [kills = '20', seed = '1', file] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'motorloop-kill-'));
const flipflops = () =>
  tinyExperiment({
    'training.epochs': 100,
    'training.checkpointEpochs': [5, 25, 50],
    'task.steps': 60,
    'data.trials': 60,
    models: [
      { cell: 'gru', hiddenSize: 32 },
      { cell: 'lstm', hiddenSize: 16 },
      { cell: 'node', hiddenSize: 3 },
    ],
  });
try {
  const experiment = file === undefined ? flipflops() : parseExperimentText(await readFile(file, 'utf8'), file);
  await killAndResume({
    folder,
    experiment,
    backend: 'wasm',
    threads: [1, 2],
    kills: Number(kills),
    killsPerRun: 3,
    seed: Number(seed),
    report: (line) => console.log(line),
  });
  console.log(`${kills} processes killed; every run ended with the bytes of the uninterrupted one (seed ${seed})`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
