// How fast this device is: the suite with its progress, the page that it gives, a file to hand on, and files of other devices beside it.
import { useMemo } from 'preact/hooks';
import { benchFile, benchPage, benchProblem, measure, openResults, progress, removeResult, results, stopMeasuring, suiteChoice } from '../bench.js';
import { devices, running } from '../state.js';
import { names as backendNames } from './backend.js';
import { FileButton } from './file-button.js';

/** What the suites take of themselves, seconds. */
const usual = { quick: 150, full: 900 } as const;

export function BenchPanel() {
  const { quick, seconds, backend } = suiteChoice.value;
  const found = devices.value;
  // until the browser has been looked at, anything may be asked for; the suite then says why it cannot be had
  const missing = found === null || found instanceof Error ? [] : found.backends.filter(({ available }) => !available).map(({ name }) => name);
  const busy = progress.value;
  const training = running.value !== null;
  return (
    <section id="bench" aria-labelledby="bench-head">
      <h2 id="bench-head">How fast is this device?</h2>
      <p>
        Measures every backend of this browser on the real work, by turns, each checked first: which is fastest for what, by how much, and how far from what the
        device can do. Leave the page in front and the device alone meanwhile.
      </p>
      <div class="row controls">
        <div class="field">
          <label for="suite">Suite</label>
          <select
            id="suite"
            disabled={busy !== null}
            value={quick ? 'quick' : 'full'}
            onChange={(event) => (suiteChoice.value = { ...suiteChoice.value, quick: event.currentTarget.value === 'quick' })}
          >
            <option value="quick">quick: a part of everything</option>
            <option value="full">full: more sizes, more samples</option>
          </select>
        </div>
        <div class="field">
          <label for="suite-seconds">Seconds</label>
          <input
            id="suite-seconds"
            type="number"
            min={1}
            max={7200}
            step={1}
            disabled={busy !== null}
            placeholder={String(usual[quick ? 'quick' : 'full'])}
            value={seconds ?? ''}
            onInput={(event) => {
              const given = event.currentTarget.valueAsNumber;
              const { seconds: _, ...rest } = suiteChoice.value;
              suiteChoice.value = { ...rest, ...(Number.isInteger(given) && given > 0 ? { seconds: given } : {}) };
            }}
          />
        </div>
        <div class="field">
          <label for="suite-backend">Backends</label>
          <select
            id="suite-backend"
            disabled={busy !== null}
            value={backend?.[0] ?? ''}
            onChange={(event) => {
              const { backend: _, ...rest } = suiteChoice.value;
              suiteChoice.value = { ...rest, ...(event.currentTarget.value === '' ? {} : { backend: [event.currentTarget.value] }) };
            }}
          >
            <option value="">all that work here</option>
            {backendNames.map((name) => (
              <option key={name} value={name} disabled={missing.includes(name)}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {busy === null ? (
          <button type="button" id="measure" disabled={training} onClick={() => void measure()}>
            Measure
          </button>
        ) : (
          <button type="button" id="measure" onClick={stopMeasuring}>
            Stop measuring
          </button>
        )}
        <FileButton label="Open results …" hint="of other devices" id="open-results" accept=".json" multiple onFiles={(files) => void openResults(files)} />
      </div>
      {found === null && busy === null ? (
        <p class="fine">The page still looks at what this browser offers, which takes a moment and would be in the way: better wait.</p>
      ) : null}
      {training && busy === null ? <p class="fine">A network trains: nothing can be measured meanwhile.</p> : null}
      {busy ? (
        <div id="bench-progress">
          <p class="fine">{busy.text}</p>
          <progress aria-label="Progress of the benchmark" max={1} value={busy.share} />
        </div>
      ) : null}
      {benchProblem.value === null ? null : (
        <p class="wrong-text" role="alert" id="bench-problem">
          {benchProblem.value}
        </p>
      )}
      {results.value.length === 0 ? <p class="quiet empty">Nothing has been measured or opened yet.</p> : <Results />}
    </section>
  );
}

function Results() {
  const page = benchPage.value ?? '';
  const file = benchFile.value ?? '';
  const links = useMemo(() => ({ json: dataUrl('application/json', file), html: dataUrl('text/html', page) }), [file, page]);
  const own = results.value.length === 1 ? 'motorloop-bench' : 'motorloop-bench-merged';
  return (
    <>
      <ul class="notes" id="bench-results">
        {results.value.map(({ id, file: from, text }) => (
          <li key={id}>
            {text}
            <span class="quiet">{from === null ? ', measured here' : `, from ${from}`}</span>{' '}
            <button type="button" class="small" aria-label={`Remove ${text}`} onClick={() => removeResult(id)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      <p>
        <a download={`${own}.json`} href={links.json} id="bench-json">
          Save the result file
        </a>{' '}
        to hand it on (it names the device and the browser, nothing else of yours), or{' '}
        <a download={`${own}.html`} href={links.html}>
          save the page
        </a>
        . <code>motorloop bench merge</code> reads result files, too.
      </p>
      <iframe class="report bench" title="Result of the benchmark" sandbox="allow-scripts allow-downloads" srcdoc={page} />
    </>
  );
}

const dataUrl = (type: string, text: string): string => `data:${type};charset=utf-8,${encodeURIComponent(text)}`;
