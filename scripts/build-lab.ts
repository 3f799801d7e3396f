// Builds the lab into dist/lab: a page, its script, and in engine/ a copy of the bundles for browsers (dist/bundle), for any web server. The page's style
// stands in it. The package leaves the copy out: there `motorloop lab` serves the bundles themselves.
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { labStyle } from '../lab/style.js';
import { html, raw } from '../src/report/html.js';
import { pageStyle } from '../src/report/page-style.js';

const folder = 'dist/lab';

/**
 * The page, and reports of runs that came from anyone, which inherit this, talk to nobody but the server that sent the page. Scripts may do as they like
 * within that: reports hold some of their own, and zod compiles its checks.
 */
const policy = [
  "default-src 'self' data: blob:",
  "script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
].join('; ');

const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>motorloop lab</title>
<link rel="icon" href="data:,">
<style>${pageStyle}${raw(labStyle)}</style>
<script type="module" src="lab.js"></script>
</head>
<body>
<div id="lab"></div>
<noscript><header><h1>motorloop lab</h1><p>This page trains networks in the browser, and needs scripts for it.</p></header></noscript>
</body>
</html>
`;

rmSync(folder, { recursive: true, force: true });
await build({
  entryPoints: { lab: 'lab/main.tsx' },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  outdir: folder,
  loader: { '.yaml': 'text' },
  jsx: 'automatic',
  jsxImportSource: 'preact',
  conditions: ['browser'],
  logLevel: 'warning',
});
writeFileSync(`${folder}/index.html`, page.text);
cpSync('dist/bundle', `${folder}/engine`, { recursive: true });
