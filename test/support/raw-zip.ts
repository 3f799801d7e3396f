// Zip archives written field by field, so that every field can lie.

export interface RawEntry {
  readonly name: string;
  readonly data?: Uint8Array;
  /** 0 stored (default), 8 deflated: `data` is then what was deflated. */
  readonly method?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly flags?: number;
  /** Upper half of the external attributes: the Unix mode. */
  readonly mode?: number;
  /** Name as it stands before the content, where it differs. */
  readonly localName?: string;
}

/** Bit by bit, so that it shares nothing with the code that it checks. */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = (crc ^ (byte >>> bit)) & 1;
      crc = (crc >>> 1) ^ (carry ? 0xedb88320 : 0);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** An archive of these entries; `count` is what its end says. */
export function rawZip(entries: readonly RawEntry[], { count = entries.length, comment = '' }: { count?: number; comment?: string } = {}): Uint8Array {
  const bytes: number[] = [];
  const u16 = (value: number) => bytes.push(value & 255, (value >>> 8) & 255);
  const u32 = (value: number) => bytes.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
  const text = (value: string) => new TextEncoder().encode(value);
  const offsets: number[] = [];
  const fields = ({ data = new Uint8Array(), method = 0, crc = crc32(data), size = data.length, flags = 0 }: RawEntry) => {
    u16(20);
    u16(flags);
    u16(method);
    u32(0x00210000); // time and date: 1980-01-01
    u32(crc);
    u32(data.length);
    u32(size);
  };
  for (const entry of entries) {
    offsets.push(bytes.length);
    const name = text(entry.localName ?? entry.name);
    u32(0x04034b50);
    fields(entry);
    u16(name.length);
    u16(0);
    bytes.push(...name, ...(entry.data ?? []));
  }
  const start = bytes.length;
  entries.forEach((entry, i) => {
    const name = text(entry.name);
    u32(0x02014b50);
    u16(0x031e);
    fields(entry);
    u16(name.length);
    u16(0);
    u16(0);
    u16(0);
    u16(0);
    u16(0);
    u16(entry.mode ?? 0o100644);
    u32(offsets[i] as number);
    bytes.push(...name);
  });
  const size = bytes.length - start;
  u32(0x06054b50);
  u16(0);
  u16(0);
  u16(count);
  u16(count);
  u32(size);
  u32(start);
  u16(comment.length);
  bytes.push(...text(comment));
  return Uint8Array.from(bytes);
}
