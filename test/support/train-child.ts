// A process that trains an experiment into a directory, resuming what is there; made to be killed (test/support/kill.ts).
// Arguments: directory, experiment as JSON, backend, threads. Prints `ready` when the first epoch begins.
import { createBackend } from '../../src/backends/create.js';
import { parseExperiment } from '../../src/config/experiment.js';
import { train } from '../../src/config/train.js';
import { nodeStorage } from '../../src/platform/node.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';

const [directory, json, name, threads] = process.argv.slice(2) as [string, string, string, string];
const experiment = parseExperiment(JSON.parse(json), 'train-child');
const backend = await createBackend(name, { threads: Number(threads) });
const output = await openExperimentDirectory(nodeStorage(directory), experiment, { resume: true });
console.log('ready');
for await (const event of train(experiment, { backend, resume: output.resumeState })) await output.handle(event);
await output.finish();
await backend.dispose();
