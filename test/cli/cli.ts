// Runs the built command line in a process of its own, as a user would, and gathers what it did.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const program = join(process.cwd(), 'bin', 'motorloop.js');

export interface CliResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `motorloop ARGS` in `cwd`. */
export function motorloop(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, errors }));
  });
}

/** An experiment that trains in a moment; fields given replace its own. */
export function tinyExperiment(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'tiny',
    task: { name: 'flipflop', bits: 2, steps: 30 },
    data: { trials: 20 },
    training: { epochs: 2, batchSize: 8 },
    models: [
      { cell: 'gru', hiddenSize: 5 },
      { cell: 'node', hiddenSize: 3, layerSizes: [6] },
    ],
    ...changes,
  };
}

/** A folder for one test, with files in it (text, bytes, or a value to write as JSON). */
export function workFolder(files: Record<string, string | Uint8Array | object> = {}): { path: string; list(): string[]; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'motorloop-test-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  const list = () => readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return { path, list, remove: () => rmSync(path, { recursive: true, force: true }) };
}
