// Reads tar archives (ustar): regular files and their names, as packed browsers and drivers come.

/** The regular files of an archive. Names that are not plain relative paths are left out. */
export function* untar(archive: Uint8Array): Generator<{ readonly name: string; readonly data: Uint8Array }> {
  const text = (from: number, length: number) => new TextDecoder().decode(archive.subarray(from, from + length)).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const type = text(at + 156, 1);
    const name = text(at, 100).replace(/^(\.\/)+/, '');
    const plain = /^[\w.+-]+(\/[\w.+-]+)*$/.test(name) && !name.split('/').includes('..');
    if ((type === '' || type === '0') && plain) yield { name, data: archive.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
