// What is wrong with an experiment, in words (src/problems.ts).
import type { z } from 'zod';
import { describeIssues as describeFor } from '../problems.js';
import { experimentJsonSchema } from './json-schema.js';

export { hostileProblems, problem, suggestion, valueText } from '../problems.js';

/** The problems that the schema found, each with path and value. `root` is what was parsed; `prefix` is where `root` stands in the experiment. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], root: unknown, prefix: readonly (string | number)[] = []): string[] {
  return describeFor(experimentJsonSchema(), issues, root, prefix);
}
