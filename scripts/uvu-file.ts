// Runs the suites of one test file through uvu's own protocol and counts what came of them. Needs nothing of Node: browsers use it too.
import { skips } from '../test/support/skip.js';

/** What one file's tests came to. */
export interface FileResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Mistakes of the file itself: no test in it, a skip without a reason, … */
  readonly problems: readonly string[];
}

type Suite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

// With UVU_DEFER set, `test.run()` queues suites instead of running them.
const scope = globalThis as unknown as { UVU_DEFER: number; UVU_QUEUE: (Suite | string)[][]; UVU_INDEX: number };

/** Loads a test file, once a process or worker, and runs its suites; what failed is printed. */
export async function runUvuFile(load: () => Promise<unknown>): Promise<FileResult> {
  scope.UVU_DEFER = 1;
  scope.UVU_INDEX = 0;
  scope.UVU_QUEUE = [[]];
  await load();
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const suite of scope.UVU_QUEUE[0] as Suite[]) {
    const [errors, ran, left, total] = await suite();
    if (errors !== true) console.log(`\n${errors}`);
    passed += ran;
    failed += total - ran; // also counts tests that a failing before-hook kept from running
    skipped += left;
  }
  const problems: string[] = [];
  if (passed + failed + skipped === 0) problems.push('expected at least one test, got none; does the file end with test.run()?');
  if (skipped !== skips.length)
    problems.push(`expected every skip to give its reason through test/support/skip.ts, got ${skipped - skips.length} without (test.only counts as skips)`);
  return { passed, failed: failed + problems.length, skipped: skips, problems };
}
