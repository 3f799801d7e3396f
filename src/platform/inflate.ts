// Unpacks deflated bytes with what the host has: zlib in Node (at once), DecompressionStream in browsers.

/** The bytes that were deflated (raw, without a header) into the base64 text. Rejects when the text was damaged. */
export async function inflateBase64(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const node = (globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }).process;
  const zlib = node?.getBuiltinModule?.('node:zlib') as typeof import('node:zlib') | undefined;
  if (zlib) return new Uint8Array(zlib.inflateRawSync(packed));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
