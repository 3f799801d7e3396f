// Eigenvalues in the complex plane as SVG. Runs here and, as its own source text, in the report's page: uses its arguments only.

/** Marks at `eigenvalues` [real, imaginary]; the plane's origin lies at (x, y) pixels, and 1 is `unit` pixels long. */
export function drawSpectrum(eigenvalues: readonly (readonly [number, number])[], x: number, y: number, unit: number): string {
  let svg = '';
  // the largest modulus comes first and is drawn last, on top
  for (let i = eigenvalues.length - 1; i >= 0; i--) {
    const [re, im] = eigenvalues[i] as readonly [number, number];
    const modulus = Math.hypot(re, im);
    const sign = im < 0 ? '−' : '+';
    const text = `λ = ${re.toFixed(4).replace('-', '−')}${im === 0 ? '' : ` ${sign} ${Math.abs(im).toFixed(4)}i`}, |λ| = ${modulus.toFixed(4)}`;
    svg += `<g><title>${text}</title><circle class="eigenvalue${modulus > 1 ? ' outside' : ''}" cx="${Math.round((x + re * unit) * 10) / 10}" cy="${Math.round((y - im * unit) * 10) / 10}" r="${modulus > 1 ? 4.4 : 3.4}"/></g>`;
  }
  return svg;
}
