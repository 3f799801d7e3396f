#!/usr/bin/env node
// Entry point of the command line: starts dist/cli/main.js, or says how to build it.
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  const { main: run } = await import(main.href);
  await run(process.argv.slice(2));
} else {
  console.error('motorloop: expected the built package in dist/, got nothing; run npm run build first');
  process.exitCode = 1;
}
