// Kills a training process at random moments, resumes it, and compares what it leaves with an uninterrupted run.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { nodeStorage } from '../../src/platform/node.js';
import { randomKey, uniformAt } from '../../src/random.js';
import { listRuns, openRun } from '../../src/runs/open-run.js';

export interface KillPlan {
  /** An empty folder to work in. */
  readonly folder: string;
  /** The experiment, JSON. */
  readonly experiment: unknown;
  readonly backend: string;
  /** Threads of the uninterrupted run, and of the killed ones and those that resume them, in turn. */
  readonly threads: readonly number[];
  /** Processes to kill while they train. */
  readonly kills: number;
  /** Times that one run is killed before it may end. */
  readonly killsPerRun: number;
  readonly seed: number;
  report?(line: string): void;
}

/** Files that must not depend on interruptions, with their content. */
export async function lastingFiles(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.safetensors$|experiment\.json$/.test(path)) files.set(path.slice(folder.length + 1), await readFile(path));
  }
  return files;
}

/** Reads all that a run directory holds; throws when anything is unreadable. Returns epochs in the last checkpoints. */
export async function readEverything(folder: string): Promise<number[]> {
  const storage = nodeStorage(folder);
  const epochs: number[] = [];
  for (const path of await listRuns(storage)) {
    const run = await openRun(storage, path);
    for (const which of run.checkpoints) {
      const state = await run.checkpoint(which);
      // Others may be ahead: a session that was killed after them was taken up from an earlier `last`, and will write them again.
      if (which !== 'last') continue;
      assert.ok(state.epoch <= run.metrics.length, `${path}: ${which} counts ${state.epoch} epochs, metrics ${run.metrics.length}`);
      epochs.push(state.epoch);
    }
    if (run.manifest.status === 'complete') assert.is(run.metrics.length, run.manifest.epoch);
  }
  return epochs;
}

/** Carries the plan out; throws at the first difference or unreadable file. */
export async function killAndResume(plan: KillPlan): Promise<void> {
  // One bundle, so that a child starts in a moment instead of translating every source file.
  const script = join(plan.folder, 'train-child.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('train-child.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const start = (folder: string, turn: number) => {
    const threads = plan.threads[turn % plan.threads.length] as number;
    return spawn(process.execPath, [script, folder, JSON.stringify(plan.experiment), plan.backend, String(threads)], { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const whole = join(plan.folder, 'whole');
  let milliseconds = await finish(start(whole, 0));
  const expected = await lastingFiles(whole);
  assert.ok(expected.size > 0);
  const key = randomKey(plan.seed, 'kill moments');
  let kills = 0;
  for (let run = 0; kills < plan.kills; run++) {
    assert.ok(run < 3 * plan.kills, 'the experiment ends too soon to be killed on this machine');
    const folder = join(plan.folder, `killed-${run}`);
    for (let kill = 0; kill < plan.killsPerRun && kills < plan.kills; kill++) {
      const child = start(folder, kills + run + 1);
      const wait = (uniformAt(key, run, kill) * milliseconds) / plan.killsPerRun;
      await ready(child);
      await new Promise((resolve) => setTimeout(resolve, wait));
      const alive = child.exitCode === null;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      if (alive) await ended;
      if (alive) kills++;
      else milliseconds *= 0.7; // the machine was busier when the first run was timed
      const epochs = await readEverything(folder);
      plan.report?.(`run ${run}, kill ${kill}: ${alive ? `after ${wait.toFixed(0)} ms` : 'it had ended'}, epochs ${epochs.join(', ') || 'none'}`);
      if (!alive) break;
    }
    await finish(start(folder, run));
    await readEverything(folder);
    const files = await lastingFiles(folder);
    assert.equal([...files.keys()].sort(), [...expected.keys()].sort());
    for (const [path, content] of expected) assert.ok(content.equals(files.get(path) as Buffer), `${path} differs after run ${run} was killed and resumed`);
  }
}

/** Resolves when the child begins to train or ends. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
}

/** Waits for a child to end well; the milliseconds from `ready` to its end. */
async function finish(child: ChildProcess): Promise<number> {
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await ready(child);
  const begun = performance.now();
  assert.is(await ended, 0, 'the training process failed');
  return performance.now() - begun;
}
