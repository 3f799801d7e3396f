// The backend that a job asks for: a name, variant or thread count that cannot be had is bad usage, not a failure.
import type { Backend } from '../backends/backend.js';
import { createBackend } from '../backends/create.js';
import { BackendError, ConfigError } from '../errors.js';
import { interruptedBackend } from '../runs/experiment-directory.js';
import type { Storage } from '../runs/storage.js';

/** Like `createBackend`, but throws ConfigError where no such backend can be had. */
export async function openBackend(name: string, options: { readonly variant?: string; readonly threads?: number }): Promise<Backend> {
  try {
    return await createBackend(name, options);
  } catch (error) {
    if (error instanceof BackendError) throw new ConfigError('--backend', [error.message.replace(/^createBackend: /, '')]);
    throw error;
  }
}

/** The backend for runs. With `taken`, the directories that are taken up again, it is the one that they had, where that can be had and nothing else is asked for. */
export async function openRunBackend(
  choice: { readonly backend: string; readonly variant?: string; readonly threads?: number },
  taken: readonly Storage[],
  warn: (message: string) => void,
): Promise<Backend> {
  for (const storage of choice.backend === 'auto' && choice.variant === undefined ? taken : []) {
    const before = await interruptedBackend(storage);
    if (!before) continue;
    try {
      return await openBackend(before.name, { ...choice, variant: before.variant });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      warn(`the backend that this run had cannot be had now: ${error.problems.join('; ')}`);
    }
  }
  return openBackend(choice.backend, choice);
}
