// The report of the shown run, in a frame of its own: a run may come from anyone, so its scripts get no hold of this page.
import { useMemo } from 'preact/hooks';
import { changes, shown } from '../state.js';

export function ReportPanel() {
  void changes.value;
  const run = shown.value;
  const file = run?.files['report.html'];
  const text = useMemo(() => (file ? new TextDecoder().decode(file) : null), [file]);
  return (
    <section id="report" aria-labelledby="report-head">
      <h2 id="report-head">The report</h2>
      {text === null ? (
        <p class="quiet empty">
          {run ? 'This run has no report yet: it comes once every network has been trained.' : 'The report of a run comes here once it is complete.'}
        </p>
      ) : (
        <>
          <p>
            What the networks of <b>{run?.label}</b> do, and how alike they are.{' '}
            <a download={`${run?.experiment.name}-report.html`} href={`data:text/html;charset=utf-8,${encodeURIComponent(text)}`}>
              Save it as a file
            </a>{' '}
            to keep, send or print it.
          </p>
          <iframe class="report" title={`Report of ${run?.label}`} sandbox="allow-scripts allow-downloads" srcdoc={text} />
        </>
      )}
    </section>
  );
}
