// The muscles of a body as a person reads them: names, numbers, paths.
import { geometryCode, bodyWord } from '../backends/body-layout.js';
import type { Body } from './body.js';
import { describeBody } from './describe-body.js';
import type { PathPoint, Polynomial } from './effectors.js';
import type { MuscleNumber } from './options.js';

/** One muscle with its numbers and its geometry, of which there is one kind. */
export interface MuscleDescription {
  readonly name: string;
  readonly numbers: Readonly<Partial<Record<MuscleNumber, number>>>;
  readonly points?: readonly PathPoint[];
  readonly polynomial?: Polynomial;
  readonly momentArms?: readonly [number, number];
}

/** Row of the force in a muscle's state: the last. */
export function forceIndex(body: Body): number {
  return body.muscleRows.length - 1;
}

/** Every muscle of a body. */
export function describeMuscles(body: Body): MuscleDescription[] {
  const { names, numbers, geometry } = describeBody(body.options);
  return names.map((name, index) => ({
    name,
    numbers: Object.fromEntries(Object.entries(numbers).map(([key, values]) => [key, values[index]])),
    ...(geometry.kind === 'paths' ? { points: geometry.paths[index] as readonly PathPoint[] } : {}),
    ...(geometry.kind === 'polynomial' ? { polynomial: geometry.polynomials[index] as Polynomial } : {}),
    ...(geometry.kind === 'constant' ? { momentArms: geometry.momentArms[index] as readonly [number, number] } : {}),
  }));
}

/** The same as text, a muscle a line: `shoulder_flexor: world (-0.15, 0.03) → upperArm (0.093, 0.017); 800 N`. */
export function muscleText(body: Body): string {
  const path = body.layout[bodyWord.geometry] === geometryCode.paths;
  return describeMuscles(body)
    .map(({ name, numbers, points, polynomial, momentArms }) => {
      const geometry = path
        ? (points ?? []).map(({ body: on, at }) => `${on} (${at.join(', ')})`).join(' → ')
        : polynomial
          ? `length ${polynomialText(polynomial)}`
          : `moment arms ${momentArms?.join(', ')} m`;
      return `${name}: ${geometry}; ${numbers.maximumForce} N`;
    })
    .join('\n');
}

function polynomialText({ constant, linear, quadratic, offset }: Polynomial): string {
  const terms = [0, 1].flatMap((joint) => {
    const angle = offset[joint] === 0 ? `q${joint + 1}` : `(q${joint + 1} − ${Number((offset[joint] as number).toPrecision(4))})`;
    return [
      [linear[joint] as number, angle],
      [quadratic[joint] as number, `${angle}²`],
    ] as const;
  });
  const shown = terms.filter(([factor]) => factor !== 0).map(([factor, variable]) => ` ${factor < 0 ? '−' : '+'} ${Math.abs(factor)} ${variable}`);
  return `${constant}${shown.join('')} m`;
}
