// Tables as CSV text (RFC 4180, lines ended by a line feed).

export type CsvValue = string | number | null | undefined;

/** A field: quoted where it must be; a leading = + - @ of a name is kept from becoming a formula in spreadsheets; nothing where there is no value. */
function field(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** Rows, the first of them the header. */
export function csvText(rows: readonly (readonly CsvValue[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\n`).join('');
}
