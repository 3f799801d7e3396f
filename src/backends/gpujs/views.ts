// Strided views of up to four axes, for the kernels that broadcast or move data: sizes and strides are arguments, so that one kernel serves all.

const axes = [0, 1, 2, 3] as const;

/** Statements for the place of element i of an array over n0 × n1 × n2 × n3. */
export const indexOfView = `
  const r2 = quotient(i, n3); const i3 = i - r2 * n3;
  const r1 = quotient(r2, n2); const i2 = r2 - r1 * n2;
  const i0 = quotient(r1, n1); const i1 = r1 - i0 * n1;
`;

/** Position of that element in the operand with this prefix. */
export const placeIn = (prefix: string): string => axes.map((axis) => `i${axis} * ${prefix}${axis}`).join(' + ');

/** The arguments that those statements read. */
export function viewNumbers(params: Readonly<Record<string, number>>, prefixes: readonly string[]): Record<string, number> {
  const names = [...axes.slice(1).map((axis) => `n${axis}`), ...prefixes.flatMap((prefix) => axes.map((axis) => `${prefix}${axis}`))];
  return Object.fromEntries(names.map((name) => [name, params[name] as number]));
}
