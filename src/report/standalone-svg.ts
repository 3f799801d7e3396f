// Figures that stand alone: the SVG of a page with the rules it needs written into it, in the colours of the light theme.
import { figureRules, light, lightColour } from './figure-style.js';

/** Fonts that most machines have one of; no generic name alone, as converters disagree on what it means. */
const sans = "'DejaVu Sans', Verdana, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/** Pixels around the figure. */
const margin = 8;

const themed = new Map([...light.matchAll(/--([a-z0-9]+): ([^;]+);/g)].map(([, name, value]) => [name as string, value as string]));

interface Rule {
  readonly selectors: readonly string[];
  readonly text: string;
}

/** Rules without variables and without what only a page has: pointers, focus, mixed colours. */
const rules: readonly Rule[] = [...figureRules.matchAll(/([^{}]+)\{([^}]*)\}/g)].flatMap(([, selector = '', body = '']) => {
  const selectors = selector.split(',').map((one) => one.trim());
  const declarations = body
    .split(';')
    .map((declaration) => declaration.trim())
    .filter((declaration) => declaration !== '' && !/^(--|cursor|touch-action|user-select|border-radius|display|width|height)|color-mix/.test(declaration))
    .map((declaration) => declaration.replace(/var\(--([a-z0-9]+)\)/g, (_, name: string) => (name === 'sans' ? sans : (themed.get(name) ?? 'black'))));
  const kept = selectors.filter((one) => !one.includes(':'));
  return kept.length > 0 && declarations.length > 0 ? [{ selectors: kept, text: declarations.join('; ') }] : [];
});

/**
 * An SVG file from a figure of a page (`<svg …>…</svg>`): its own style, colours of the light theme on white, a margin, and a size in pixels.
 * It refers to nothing outside itself. Throws an Error when `figure` has no viewBox.
 */
export function standaloneSvg(figure: string): string {
  const head = /^<svg([^>]*)>/.exec(figure);
  const box = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(head?.[1] ?? '');
  if (!head || !box) throw new Error(`standaloneSvg: expected <svg … viewBox="0 0 W H" …>, got ${figure.slice(0, 80)}`);
  const [width, height] = [Number(box[1]) + 2 * margin, Number(box[2]) + 2 * margin];
  const content = withMixedColours(figure.slice(head[0].length, -'</svg>'.length))
    .replace(/<circle class="hit"[^>]*\/>/g, '')
    .replace(/ (?:data-[a-z-]+|tabindex|aria-hidden)(?:="[^"]*")?(?=[^<]*>)/g, '');
  const kind = /class="([^"]*)"/.exec(head[1] as string)?.[1] ?? '';
  const style = rulesFor(`${kind} ${[...content.matchAll(/class="([^"]*)"/g)].map((match) => match[1]).join(' ')}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" class="${kind}" width="${width}" height="${height}" viewBox="${-margin} ${-margin} ${width} ${height}" role="img"><style>${style}</style><rect x="${-margin}" y="${-margin}" width="${width}" height="${height}" style="fill:#ffffff;stroke:none"/>${content}</svg>\n`;
}

/** The rules whose classes all occur among `classes`. */
function rulesFor(classes: string): string {
  const present = new Set(classes.split(/\s+/));
  return rules
    .flatMap(({ selectors, text }) => {
      const used = selectors.filter((selector) => [...selector.matchAll(/\.([\w-]+)/g)].every(([, name]) => present.has(name as string)));
      return used.length > 0 ? [`${used.join(', ').replace(/>/g, '&gt;')} { ${text} }`] : [];
    })
    .join('\n');
}

/** Colours that pages mix by a share (`--a`) as plain ones: muscles by activation, postures by time. */
function withMixedColours(content: string): string {
  return content.replace(/<[a-z]+ [^>]*class="([^"]*)"[^>]*>/g, (element, classes: string) => {
    const names = classes.split(/\s+/);
    const ends = names.includes('muscle') ? (['rest', 'active'] as const) : names.includes('time') ? (['time0', 'time1'] as const) : null;
    if (!ends) return element;
    const share = Number(/--a:([\d.]+)%/.exec(element)?.[1] ?? 0) / 100;
    const style = `stroke:${mixed(ends[0], ends[1], share)}`;
    return element.includes(' style="') ? element.replace(/ style="[^"]*"/, ` style="${style}"`) : element.replace(/(\/?>)$/, ` style="${style}"$1`);
  });
}

/** `share` of the way from one theme colour to another, in Oklab (Ottosson 2020) as the pages mix them. */
function mixed(from: string, to: string, share: number): string {
  const [a, b] = [oklab(lightColour(from)), oklab(lightColour(to))];
  const [l, u, v] = a.map((value, i) => value + share * ((b[i] as number) - value)) as [number, number, number];
  const [x, y, z] = [
    (l + 0.3963377774 * u + 0.2158037573 * v) ** 3,
    (l - 0.1055613458 * u - 0.0638541728 * v) ** 3,
    (l - 0.0894841775 * u - 1.291485548 * v) ** 3,
  ];
  const linear = [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ];
  return `#${linear.map((value) => encoded(value).toString(16).padStart(2, '0')).join('')}`;
}

function oklab(colour: readonly [number, number, number]): [number, number, number] {
  const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  const x = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const y = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const z = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * x + 0.793617785 * y - 0.0040720468 * z,
    1.9779984951 * x - 2.428592205 * y + 0.4505937099 * z,
    0.0259040371 * x + 0.7827717662 * y - 0.808675766 * z,
  ];
}

/** sRGB byte of a linear value. */
function encoded(value: number): number {
  const clamped = Math.max(0, Math.min(1, value));
  return Math.round(255 * (clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055));
}
