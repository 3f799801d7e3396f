// The only way to leave a test out: with its name and a reason, which the runner prints and counts.

/** Skips of this process, in order. */
export const skips: { name: string; reason: string }[] = [];

/** Registers `name` as skipped because of `reason`. */
export function skip(test: { skip(name: string): void }, name: string, reason: string): void {
  skips.push({ name, reason });
  test.skip(name);
}
