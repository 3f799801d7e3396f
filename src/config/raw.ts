// Values of files that nothing is known about yet.
export type Raw = Record<string, unknown>;

export const isObject = (value: unknown): value is Raw => value !== null && typeof value === 'object' && !Array.isArray(value);
