// What a report is put together from: sections, and panels side by side within them.
import { html, type Markup } from './html.js';

/** One section of the page; `id` is its anchor, `short` its name in the page's index. */
export interface Section {
  readonly id: string;
  readonly short: string;
  readonly body: Markup;
}

/** One column of a row of figures; a `large` one takes two where there is room. */
export function panel(title: string, note: string | null, content: Markup, size?: 'large'): Markup {
  return html`<div${size ? html` class="${size}"` : null}><h3>${title}${note ? html` <span class="quiet">${note}</span>` : null}</h3>${content}</div>`;
}

/** A line as legends show it: `kind` is its class. */
export function legendLine(kind: string): Markup {
  return html`<svg viewBox="0 0 28 10" aria-hidden="true"><path class="${kind}" d="M1,5H27"/></svg>`;
}
