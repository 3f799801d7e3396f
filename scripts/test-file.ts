// Runs one test file in this process and sends what came of it to the runner (scripts/run-tests.ts).
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runUvuFile } from './uvu-file.js';

const result = await runUvuFile(() => import(pathToFileURL(resolve(process.argv[2] as string)).href));
// An explicit exit: worker pools that a failed test left behind must not keep the process.
if (process.send) process.send(result, () => process.exit(0));
else console.log(JSON.stringify(result));
