// The body of a kernel's call: both tables checked and read.
import { checkBody } from '../../body-check.js';
import type { ReferenceCall } from '../kernel.js';
import { type BodyModel, readBody } from './body.js';

/** Throws KernelError or ShapeError where the tables are no body or not that of the call's arrays. */
export function openBody(kernel: string, { args: { body_layout, body }, dims }: ReferenceCall): BodyModel {
  checkBody(kernel, body_layout, body, dims);
  return readBody(body_layout, body);
}
