// Entries of `interventions` that the schema refuses, with harmless values where it found something: so that everything else in them is looked at too.
import { type Intervention, interventionList } from './options.js';

/** What stands in for options that are missing or wrong; nothing is found fault with it. Options not named here may be left out. */
const harmless: Readonly<Record<string, unknown>> = {
  ...{ strength: 1, force: [0, 0], endpoint: [0, 0], joint: [0, 0], by: [0, 0], to: [0, 0], channel: 0, height: 0, units: { list: [0] }, value: 0 },
  ...{ target: 'input', deviation: 0, vision: 0, proprioception: 0, muscles: { all: 1 } },
};

/** The entry as the schema reads it, if need be with harmless values; null where even its kind is unknown. */
export function readIntervention(entry: unknown): Intervention | null {
  const whole = interventionList.safeParse([entry]);
  if (whole.success) return whole.data[0] as Intervention;
  if (entry === null || typeof entry !== 'object') return null;
  const mended: Record<string, unknown> = { ...entry };
  for (const issue of whole.error.issues) {
    const key = issue.path[1];
    for (const name of key === undefined ? (issue.code === 'unrecognized_keys' ? issue.keys : []) : [String(key)]) {
      delete mended[name];
      if (key !== undefined && Object.hasOwn(harmless, name)) mended[name] = harmless[name];
    }
  }
  return interventionList.safeParse([mended]).data?.[0] ?? null;
}
