// Inside a worker of a headless browser: runs one test file of those that scripts/test-chromium.ts bundled, and posts what came of it.
import suites from 'virtual:suites';
import { runUvuFile } from './uvu-file.js';

const printed: string[] = [];
console.log = (...words: unknown[]) => void printed.push(words.map(String).join(' '));

globalThis.onmessage = async ({ data: file }: MessageEvent<string>) => {
  try {
    const result = await runUvuFile(suites[file] as () => Promise<unknown>);
    postMessage({ ...result, output: printed.join('\n') });
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    postMessage({ passed: 0, failed: 1, skipped: [], problems: [problem], output: printed.join('\n') });
  }
};
