// A strict reader for the markup that reports are made of: every element closed, attributes quoted, text without stray < or &.

const empty = new Set(['meta', 'input', 'br', 'hr', 'link']);
const opaque = new Set(['script', 'style']);
const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/y;

/** Throws an Error that quotes the place when `page` is not well formed, or when an id occurs twice. */
export function checkMarkup(page: string): void {
  const open: string[] = [];
  const ids = new Set<string>();
  const fail = (what: string, at: number): never => {
    throw new Error(`markup: ${what} at ${at}: ${JSON.stringify(page.slice(at, at + 120))}`);
  };
  let at = page.indexOf('>') + 1;
  while (at < page.length) {
    const next = page.indexOf('<', at);
    const text = page.slice(at, next < 0 ? page.length : next);
    const stray = /&(?!(?:amp|lt|gt|quot|#39);)/.exec(text);
    if (stray) fail('a stray &', at + stray.index);
    if (next < 0) break;
    tag.lastIndex = next;
    const [whole, closes, name = '', attributes = '', selfCloses] = tag.exec(page) ?? fail('a stray <', next);
    at = next + whole.length;
    for (const [, id = ''] of attributes.matchAll(/\sid="([^"]*)"/g)) {
      if (ids.has(id)) fail(`a second id ${id}`, next);
      ids.add(id);
    }
    if (closes) {
      if (open.pop() !== name) fail(`</${name}> without its start`, next);
    } else if (!selfCloses && !empty.has(name)) {
      open.push(name);
      if (opaque.has(name)) at = page.indexOf(`</${name}>`, at);
      if (at < 0) fail(`<${name}> without its end`, next);
    }
  }
  if (open.length > 0) fail(`<${open.join('><')}> without an end`, page.length);
}
