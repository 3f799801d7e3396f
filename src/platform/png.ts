// SVG to PNG in Node, by the optional packages @resvg/resvg-js and dejavu-fonts-ttf: the same picture on every machine, whatever fonts it has.

/** Pixels of a PNG for each of the figure's. */
const scale = 2.5;

/** Renders an SVG text. */
export type RenderPng = (svg: string) => Uint8Array;

/** The renderer, or a sentence that says what is missing and how to get it. */
export async function openPng(): Promise<RenderPng | string> {
  try {
    const [{ Resvg }, { createRequire }] = await Promise.all([import('@resvg/resvg-js'), import('node:module')]);
    const { resolve } = createRequire(import.meta.url);
    const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
    return (svg) => {
      const picture = new Resvg(svg, {
        fitTo: { mode: 'zoom', value: scale },
        font: { fontFiles, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
      });
      return picture.render().asPng();
    };
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    return `figures were written as SVG only: PNG needs the optional packages @resvg/resvg-js and dejavu-fonts-ttf (${reason}); npm install @resvg/resvg-js dejavu-fonts-ttf`;
  }
}
