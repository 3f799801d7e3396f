// Markup that is safe by default: the `html` template escapes every value it is handed, unless that is markup already.

/** Finished markup (HTML or SVG). Made by `html` or `raw` only. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template accepts; null and false vanish, arrays are joined. */
export type MarkupValue = Markup | string | number | null | false | readonly MarkupValue[];

/** Text made safe for element content and for attributes in double or single quotes. */
export function escapeText(text: string): string {
  // control characters are not allowed in XML 1.0, which SVG files must be
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed here
  const printable = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '�');
  return printable.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;');
}

/** Trusts `text` as it stands: for constants of this package and for markup that was escaped when it was built. */
export function raw(text: string): Markup {
  return new Markup(text);
}

/** Template tag: literal parts are markup, values are escaped. */
export function html(parts: TemplateStringsArray, ...values: MarkupValue[]): Markup {
  return new Markup(parts.map((part, i) => (i === 0 ? part : render(values[i - 1] as MarkupValue) + part)).join(''));
}

function render(value: MarkupValue): string {
  if (value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return value.map(render).join('');
}

/** JSON for a `<script type="application/json">`: no `<` survives, so nothing in it can end the element. */
export function scriptJson(value: unknown): Markup {
  return raw(
    JSON.stringify(value)
      .replace(/</g, '\\u003c')
      .replace(/\u2028/g, '\\u2028')
      .replace(/\u2029/g, '\\u2029'),
  );
}
