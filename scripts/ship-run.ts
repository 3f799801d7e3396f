// Copies a finished run into pretrained/NAME, without the optimiser's state, and records what it scores on trials that it has never seen.
// Usage: node --import tsx scripts/ship-run.ts RUN_DIRECTORY NAME
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeCheckpoint, encodeCheckpoint } from '../src/runs/checkpoint.js';
import { listRuns } from '../src/runs/open-run.js';
import { checkpointPath } from '../src/runs/run-writer.js';
import { nodeStorage } from '../src/platform/node.js';
import { scorePretrained } from '../test/support/pretrained.js';

const [from, name] = process.argv.slice(2);
if (!from || !name || !/^[a-z0-9-]+$/.test(name)) throw new Error('usage: node --import tsx scripts/ship-run.ts RUN_DIRECTORY NAME (letters, digits, hyphens)');
const storage = nodeStorage(from);
const target = join('pretrained', name);
const put = (path: string, bytes: Uint8Array | string): void => {
  mkdirSync(dirname(join(target, path)), { recursive: true });
  writeFileSync(join(target, path), bytes);
};

put('experiment.json', await storage.read('experiment.json'));
for (const path of await listRuns(storage)) {
  for (const file of ['experiment.json', 'manifest.json', 'metrics.jsonl']) put(`${path}/${file}`, await storage.read(`${path}/${file}`));
  const file = checkpointPath(path, 'last');
  const state = decodeCheckpoint(await storage.read(file), file);
  const tensors = Object.fromEntries(Object.entries(state.tensors).filter(([tensor]) => !tensor.startsWith('optimizer.')));
  put(file, encodeCheckpoint({ ...state, tensors }));
}
const scores = await scorePretrained(nodeStorage(target));
put('scores.json', `${JSON.stringify(scores, null, 2)}\n`);
console.log(target, JSON.stringify(scores));
