// What an experiment may say about a body and its senses: schemas, defaults and their sources (docs/arm.md).
import { z } from 'zod';

/** Placeholder type until the schema stands; owner: arm. */
export type EffectorOptions = Readonly<Record<string, unknown>>;
export const effectorOptions = z.record(z.string(), z.unknown());
