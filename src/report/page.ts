// The frame of a page that is one file: head with style, header, index, sections, footer, data and script.
import { html, type Markup, scriptJson } from './html.js';
import { type PageData, pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';
import type { Section } from './section.js';

/** Sections below something that they share, such as the choice of a trial. */
export interface SectionGroup {
  readonly lead: Markup;
  readonly sections: readonly Section[];
}

export interface Page {
  /** Of the window. */
  readonly title: string;
  /** Version of motorloop. */
  readonly version: string;
  readonly header: Markup;
  readonly parts: readonly (Section | SectionGroup)[];
  readonly data: PageData;
}

/** A page without choices of trials has this, and arrays and scenes of its own. */
export const emptyPageData: PageData = { inputs: null, targets: null, states: null, models: [], scenes: [], motion: null, explorers: [] };

/** The page as text of an HTML file: no network, readable without scripts, light and dark, 400 px and up, printable. */
export function renderPage({ title, version, header, parts, data }: Page): string {
  const sections = parts.flatMap((part) => ('sections' in part ? part.sections : [part]));
  const show = ({ id, body }: Section) => html`<section id="${id}">${body}</section>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="motorloop ${version}">
<title>${title}</title>
<style>${pageStyle}</style>
</head>
<body>
${header}
<main>
<nav aria-label="Sections"><ul>${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
${parts.map((part) => ('sections' in part ? html`<div>${part.lead}${part.sections.map(show)}</div>` : show(part)))}
</main>
<footer>Made by motorloop ${version}. This page is one file and needs no network.</footer>
<script type="application/json" id="report-data">${scriptJson(data)}</script>
<script>${pageScript(data)}</script>
</body>
</html>
`;
  return page.text;
}
