// Storage in memory and on disk behave alike; paths never leave the root. The part on disk needs Node: test/platform/node.node.test.ts.
import { test } from 'uvu';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { checkStorage } from '../support/storage.js';

test('storage in memory reads back what was written, lists in order, appends, removes, and refuses paths that leave the root', async () => {
  await checkStorage(memoryStorage());
});

test.run();
