// The schema of an experiment file as JSON Schema, for editors and forms.
import * as z from 'zod';
import type { SchemaNode } from '../problems.js';
import { experimentSchema } from './schema.js';

let cached: SchemaNode | null = null;

/** The JSON Schema (draft 7, which editors know best) of what a person writes, defaults and descriptions included. */
export function experimentJsonSchema(): SchemaNode {
  cached ??= jsonSchema('inline');
  return cached;
}

/** The same for editors: what stands in several places, e.g. the body of every reaching task, is written once and referred to. */
export function publishedJsonSchema(): object {
  return jsonSchema('ref');
}

function jsonSchema(reused: 'inline' | 'ref'): SchemaNode {
  return { title: 'motorloop experiment', ...z.toJSONSchema(experimentSchema, { io: 'input', target: 'draft-7', reused }) } as SchemaNode;
}
