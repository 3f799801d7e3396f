// What every figure of a page offers: the values under the pointer, and itself as SVG or PNG. The page carries the source text of this
// function, so it uses its argument only (see page-script.ts).

/** Runs in the page. */
export function offerFigures(page: Document): void {
  const host = page.defaultView as Window & typeof globalThis;
  const tip = page.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  page.body.append(tip);
  const copied = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap', 'opacity', 'paint-order', 'display'];
  const lettered = ['font-family', 'font-size', 'font-weight', 'text-anchor'];
  const tools = {
    /** The text of an element in a figure: its title, which is taken away so that the browser shows no second one. */
    says(at: Element): string | null {
      for (let owner = at.closest('svg[role=img] g'); owner; owner = owner.parentElement?.closest('svg[role=img] g') ?? null) {
        const title = owner.querySelector(':scope > title');
        if (title) {
          owner.setAttribute('data-says', title.textContent ?? '');
          title.remove();
        }
        const text = owner.getAttribute('data-says');
        if (text) return text;
      }
      return null;
    },
    point(event: PointerEvent): void {
      const text = tools.says(event.target as Element);
      tip.hidden = text === null;
      if (text === null) return;
      tip.textContent = text;
      const wide = page.documentElement.clientWidth;
      tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, wide - tip.offsetWidth - 4))}px`;
      tip.style.top = `${event.clientY > tip.offsetHeight + 24 ? event.clientY - tip.offsetHeight - 12 : event.clientY + 18}px`;
    },
    name(svg: Element): string {
      const section = svg.closest('section')?.id ?? 'figure';
      const title = svg.closest('.figures > div')?.querySelector('h3')?.firstChild?.textContent ?? '';
      return `${section} ${title}`
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
    },
    /** A copy that needs no style sheet, on the colour of its card. */
    standalone(svg: SVGSVGElement): { readonly text: string; readonly width: number; readonly height: number } {
      const copy = svg.cloneNode(true) as SVGSVGElement;
      const [from, to] = [
        [svg, ...svg.querySelectorAll('*')],
        [copy, ...copy.querySelectorAll('*')],
      ];
      for (const [i, element] of from.entries()) {
        const style = host.getComputedStyle(element);
        const names = element.tagName === 'text' || element === svg ? [...copied, ...lettered] : copied;
        (to[i] as SVGElement).setAttribute('style', names.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';'));
      }
      const { width, height } = svg.viewBox.baseVal;
      copy.setAttribute('viewBox', `-8 -8 ${width + 16} ${height + 16}`);
      copy.setAttribute('width', String(width + 16));
      copy.setAttribute('height', String(height + 16));
      const back = page.createElementNS(svg.namespaceURI, 'rect');
      for (const [name, value] of Object.entries({ x: '-8', y: '-8', width: '100%', height: '100%' })) back.setAttribute(name, value);
      back.setAttribute('fill', host.getComputedStyle(svg.closest('.figures > div') ?? page.body).backgroundColor);
      copy.prepend(back);
      return { text: new host.XMLSerializer().serializeToString(copy), width: width + 16, height: height + 16 };
    },
    save(blob: Blob | null, name: string): void {
      if (!blob) return;
      const link = page.createElement('a');
      link.href = host.URL.createObjectURL(blob);
      link.download = name;
      link.click();
      host.setTimeout(() => host.URL.revokeObjectURL(link.href), 10_000);
    },
    saveSvg(svg: SVGSVGElement): void {
      tools.save(new host.Blob([tools.standalone(svg).text], { type: 'image/svg+xml' }), `${tools.name(svg)}.svg`);
    },
    savePng(svg: SVGSVGElement): void {
      const { text, width, height } = tools.standalone(svg);
      const picture = new host.Image();
      picture.onload = () => {
        const canvas = page.createElement('canvas');
        canvas.width = 2.5 * width;
        canvas.height = 2.5 * height;
        canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => tools.save(blob, `${tools.name(svg)}.png`));
      };
      picture.src = `data:image/svg+xml;charset=utf-8,${host.encodeURIComponent(text)}`;
    },
  };
  page.addEventListener('pointerover', tools.point);
  page.addEventListener('pointerdown', tools.point);
  for (const svg of page.querySelectorAll<SVGSVGElement>('svg[role=img]')) {
    const row = page.createElement('div');
    row.className = 'save';
    for (const [kind, save] of [
      ['SVG', tools.saveSvg],
      ['PNG', tools.savePng],
    ] as const) {
      const button = page.createElement('button');
      button.type = 'button';
      button.textContent = kind;
      button.setAttribute('aria-label', `Save as ${kind}: ${svg.querySelector('title')?.textContent ?? ''}`);
      button.addEventListener('click', () => save(svg));
      row.append(button);
    }
    svg.after(row);
  }
}
