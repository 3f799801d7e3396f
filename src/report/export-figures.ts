// Figures and tables of a page as files: SVG and PNG for papers and slides, CSV for spreadsheets.
import type { Storage } from '../runs/storage.js';
import { standaloneSvg } from './standalone-svg.js';

/** One figure as a file would have it. */
export interface NamedFigure {
  /** From its section and its title: `fixed-points-eigenvalues-of-a-point`. */
  readonly name: string;
  readonly svg: string;
}

/** Turns SVG into PNG. What reads SVG files is the platform's: none in a browser's worker, an optional package in Node. */
export type PngRenderer = (svg: string) => Uint8Array;

/** Every figure of a page as a file of its own, in the order of the page, under the names that the page saves them by; no name occurs twice. */
export function pageFigures(page: string): NamedFigure[] {
  const figures: NamedFigure[] = [];
  const taken = new Map<string, number>();
  let [section, title] = ['figure', ''];
  const landmark = /<section id="([^"]*)">|<h3>([^<]*)|<svg [^>]*role="img"[^>]*>/g;
  for (let match = landmark.exec(page); match; match = landmark.exec(page)) {
    if (match[1] !== undefined) [section, title] = [match[1], ''];
    else if (match[2] !== undefined) title = match[2];
    else {
      const end = endOfSvg(page, match.index);
      const name = slug(`${section} ${title}`);
      const count = (taken.get(name) ?? 0) + 1;
      taken.set(name, count);
      figures.push({ name: count > 1 ? `${name}-${count}` : name, svg: standaloneSvg(page.slice(match.index, end)) });
      landmark.lastIndex = end;
    }
  }
  return figures;
}

/** Behind the end tag that closes the SVG that starts at `start`; figures may lie in figures. */
function endOfSvg(page: string, start: number): number {
  const edge = /<svg[\s>]|<\/svg>/g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(page); match; match = edge.exec(page)) {
    depth += match[0] === '</svg>' ? -1 : 1;
    if (depth === 0) return edge.lastIndex;
  }
  throw new Error('pageFigures: expected every <svg> to be closed, got one that is not');
}

/** A name for files: letters of the Latin alphabet, digits and hyphens, at most 80. */
function slug(text: string): string {
  return text
    .replace(/&[#a-z0-9]+;/g, ' ')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80);
}

/** Writes `figures/NAME.svg` and, with a renderer, `figures/NAME.png`. Returns the paths. Throws what the renderer and the storage throw. */
export async function exportFigures(storage: Storage, figures: readonly NamedFigure[], png: PngRenderer | null): Promise<string[]> {
  const written: string[] = [];
  for (const { name, svg } of figures) {
    const files: [string, string | Uint8Array][] = [[`figures/${name}.svg`, svg]];
    if (png) files.push([`figures/${name}.png`, png(svg)]);
    for (const [path, data] of files) {
      await storage.write(path, data);
      written.push(path);
    }
  }
  return written;
}

/** Writes `tables/NAME.csv`. Returns the paths. */
export async function exportTables(storage: Storage, tables: Readonly<Record<string, string>>): Promise<string[]> {
  const paths: string[] = [];
  for (const [name, text] of Object.entries(tables)) {
    const path = `tables/${name}.csv`;
    await storage.write(path, text);
    paths.push(path);
  }
  return paths;
}
