// The backend that a job asks for: a name, variant or thread count that cannot be had is bad usage, not a failure.
import type { Backend } from '../backends/backend.js';
import { createBackend } from '../backends/create.js';
import { BackendError, ConfigError } from '../errors.js';

/** Like `createBackend`, but throws ConfigError where no such backend can be had. */
export async function openBackend(name: string, options: { readonly variant?: string; readonly threads?: number }): Promise<Backend> {
  try {
    return await createBackend(name, options);
  } catch (error) {
    if (error instanceof BackendError) throw new ConfigError('--backend', [error.message.replace(/^createBackend: /, '')]);
    throw error;
  }
}
