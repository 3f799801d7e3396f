// Tables as plain text: columns padded to their widest cell, two spaces apart.

/** `rows` with `header` above; columns named in `right` are aligned to the right. Cells hold no line breaks. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], right: readonly string[] = []): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))));
  return all.map((row) =>
    header
      .map((name, column) => {
        const cell = row[column] ?? '';
        const space = ' '.repeat((widths[column] as number) - width(cell));
        return right.includes(name) ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
}

function width(text: string): number {
  return [...text].length;
}
