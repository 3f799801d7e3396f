// Replays golden files one after the other on one backend, until told to stop.
import { openBackend } from '../open-backend.js';
import type { Backend, BackendDescription } from '../../backends/backend.js';
import { checkFile, type FileResult } from './replay.js';

/** A golden file: its base name and how to fetch it. */
export interface GoldenSource {
  readonly file: string;
  read(): Promise<Uint8Array> | Uint8Array;
}

export interface CheckFilesOptions {
  readonly backend: string;
  readonly variant?: string;
  readonly threads?: number;
  readonly signal: AbortSignal;
  readonly onStart?: (file: string, index: number) => void;
  readonly onResult?: (result: FileResult, backend: BackendDescription) => void;
}

/** The verdict on every file; fewer when stopped. Throws ConfigError where there is no such backend, BackendError when it is lost. */
export async function checkFiles(sources: readonly GoldenSource[], options: CheckFilesOptions): Promise<FileResult[]> {
  const results: FileResult[] = [];
  const backend: Backend = await openBackend(options.backend, options);
  try {
    for (const [index, { file, read }] of sources.entries()) {
      // Lets a request to stop arrive: a replay may run without a pause.
      await new Promise((resolve) => setTimeout(resolve));
      if (options.signal.aborted) break;
      options.onStart?.(file, index);
      const result = await checkFile(backend, file, read);
      results.push(result);
      options.onResult?.(result, backend.description);
    }
  } finally {
    await backend.dispose();
  }
  return results;
}
