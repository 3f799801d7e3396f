// tidy: which tensors live how long. A tensor belongs to the innermost tidy that was running when it was made.
import { BackendError } from '../errors.js';
import type { Tensor } from './tensor.js';

const scopes: Set<Tensor>[] = [];
/** Tells a tensor from any other object in a result. */
const known = new WeakSet<object>();

/** Called by every new tensor; the innermost tidy will dispose it if `scoped`. */
export function registerTensor(tensor: Tensor, scoped: boolean): void {
  known.add(tensor);
  if (scoped) scopes.at(-1)?.add(tensor);
}

/**
 * Runs `fn` and disposes every tensor made inside it, except those in its result (a tensor, or arrays and plain objects of them), which pass to
 * the tidy around it, if any. May be nested. If `fn` throws, all are disposed. Throws BackendError when `fn` returns a promise: await after the tidy.
 */
export function tidy<T>(fn: () => T): T {
  const scope = new Set<Tensor>();
  scopes.push(scope);
  let kept = new Set<Tensor>();
  try {
    const result = fn();
    if (result instanceof Promise) {
      result.catch(() => {}); // the promise is refused here, so its own failure would have no handler
      throw new BackendError('tidy: expected a function that returns at once, got a promise; return tensors and await their data() outside');
    }
    kept = tensorsIn(result);
    return result;
  } finally {
    scopes.pop();
    const outer = scopes.at(-1);
    for (const tensor of scope) {
      if (kept.has(tensor)) outer?.add(tensor);
      else tensor.dispose();
    }
  }
}

/** Takes a tensor out of every tidy: from now on only `dispose` frees it. Returns it. */
export function keep<T extends Tensor>(tensor: T): T {
  for (const scope of scopes) scope.delete(tensor);
  return tensor;
}

/** All tensors in a tensor, or in arrays and plain objects of them. */
function tensorsIn(value: unknown, found = new Set<Tensor>(), seen = new Set<object>()): Set<Tensor> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return found;
  seen.add(value);
  if (known.has(value)) found.add(value as Tensor);
  else if (Array.isArray(value)) for (const part of value) tensorsIn(part, found, seen);
  else if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
    for (const part of Object.values(value)) tensorsIn(part, found, seen);
  return found;
}
