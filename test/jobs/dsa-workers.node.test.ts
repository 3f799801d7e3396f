// DSA on processes of Node (which is why this runs there alone): the numbers of one process, progress, errors with their class, and an end.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../src/analysis/analysis.js';
import { dsa, dsaMatrix } from '../../src/analysis/dsa/compare.js';
import { ConfigError, NumericsError } from '../../src/errors.js';
import { openDsaWorkers } from '../../src/jobs/dsa-workers.js';
import { rotations } from '../support/dynamics.js';

const test = suite('DSA on processes');
const small = { delays: 3, rank: 4, fraction: 1, starts: 1 } as const;
const systems = [0.3, 0.8, 1.5].map((angle) => rotations(angle));
const workers = openDsaWorkers(2);
test.after(() => workers.close());

test('any number of processes gives the same numbers, and progress counts all of it', async () => {
  const told: string[] = [];
  const parallel = await dsaMatrix(systems, { ...small, workers, onProgress: ({ stage, done, of }) => told.push(`${stage} ${done}/${of}`) });
  assert.equal(parallel, await dsaMatrix(systems, small));
  assert.equal(told, ['fit 1/3', 'fit 2/3', 'fit 3/3', 'compare 1/3', 'compare 2/3', 'compare 3/3']);
  const lists = await dsa(systems.slice(0, 2), systems.slice(1), { ...small, workers });
  const alone = await dsa(systems.slice(0, 2), systems.slice(1), small);
  assert.equal([lists.scores, lists.spread], [alone.scores, alone.spread]);
});

test('what a process refuses is refused here, with its class and the name of the data set', async () => {
  const [first, second] = systems as [TrialArray, TrialArray];
  const broken = { ...second, values: second.values.map(() => Number.NaN) };
  await rejects(dsa(first, broken, { ...small, workers }), NumericsError, /data set 1.*finite/s);
  await rejects(dsa(first, second, { ...small, ridge: -1, workers }), ConfigError, /ridge/);
});

test('a signal ends it, and closed processes refuse calls', async () => {
  await rejects(dsa(systems, undefined, { ...small, workers, signal: AbortSignal.abort(new Error('enough')) }), Error, /enough/);
  const closed = openDsaWorkers(1);
  await closed.close();
  await rejects(dsa(systems, undefined, { ...small, workers: closed }), Error, /closed/);
});

async function rejects(promise: Promise<unknown>, kind: new (...args: never[]) => Error, message: RegExp): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, kind);
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable('expected a refusal');
}

test.run();
