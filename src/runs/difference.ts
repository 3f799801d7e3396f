// Which paths of two resolved experiments differ: what stands between a resumed run and a result equal to an uninterrupted one.

/** One place where two experiments differ. `was` and `is` are JSON, `nothing` where the path is missing. */
export interface Difference {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** All differences between two JSON values, in order of their paths (`models.0.hiddenSize`); the order of keys does not matter. */
export function differences(was: unknown, is: unknown, path = ''): Difference[] {
  if (isContainer(was) && isContainer(is) && Array.isArray(was) === Array.isArray(is)) {
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return keys.flatMap((key) => differences(own(was, key), own(is, key), path === '' ? key : `${path}.${key}`));
  }
  return Object.is(was, is) ? [] : [{ path, was, is }];
}

/** A difference as people read it: `training.epochs was 10, now 20`. */
export function describeDifference({ path, was, is }: Difference): string {
  const text = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  return `${path || 'the experiment'} was ${text(was)}, now ${text(is)}`;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function own(container: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(container, key) ? container[key] : undefined;
}
