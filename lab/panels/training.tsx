// Runs, the one that trains and those that were: how they learn, what they say of themselves, and what can be done with them.
import { packZip } from '../../src/runs/zip.js';
import { formatCount, formatDuration, formatNumber } from '../../src/report/format.js';
import { learningChart, runLimits, timeChart } from '../figures.js';
import type { Network, RunRecord } from '../run-record.js';
import { changes, goOn, open, running, runs, shown, shownId } from '../state.js';
import { BackendPanel } from './backend.js';
import { FileButton } from './file-button.js';

export function TrainingPanel() {
  void changes.value;
  return (
    <section id="training" aria-labelledby="training-head">
      <h2 id="training-head">Training</h2>
      <BackendPanel />
      <div class="row controls">
        <RunChooser />
        <FileButton label="Open a run …" hint="zip" id="open-zip" accept=".zip" onFiles={open} />
        <FileButton label="Open a run …" hint="folder" id="open-folder" folder onFiles={open} />
      </div>
      {shown.value ? <ShownRun run={shown.value} /> : <p class="quiet empty">Nothing has run yet. Press Run, or open a run that was made elsewhere.</p>}
    </section>
  );
}

function RunChooser() {
  void changes.value;
  if (runs.value.length === 0) return null;
  return (
    <div class="field">
      <label for="run">Runs of this session</label>
      <select id="run" value={String(shownId.value ?? '')} onChange={(event) => (shownId.value = Number(event.currentTarget.value))}>
        {shownId.value === null ? <option value="">choose a run …</option> : null}
        {runs.value.map((run) => (
          <option key={run.id} value={run.id}>
            {run.label} ({run.status})
          </option>
        ))}
      </select>
    </div>
  );
}

function ShownRun({ run }: { run: RunRecord }) {
  void changes.value;
  const models = [...new Set(run.networks.map(({ identity }) => identity.model))];
  const limits = runLimits(run);
  const idle = running.value === null;
  const hasReport = Object.hasOwn(run.files, 'report.html');
  return (
    <>
      {run.error !== null ? (
        <p class="wrong-text" role="alert">
          {run.error}
        </p>
      ) : null}
      {run.warnings.map((warning) => (
        <p key={warning} class="note">
          {warning}
        </p>
      ))}
      <p class="quiet facts-line">{run.backend ? `On ${run.backend.name} (${run.backend.variant}): ${run.backend.reason}` : ''}</p>
      <figure>
        <div class="figures" id="curves">
          {models.map((model) => (
            <ModelPanel key={model} model={model} networks={run.networks.filter(({ identity }) => identity.model === model)} limits={limits} />
          ))}
        </div>
        <figcaption>
          <b>Loss after every epoch, validation strong and training grey, on a logarithmic axis that all models share; below it the time of a training step</b>{' '}
          (mean over the epoch, validation included).
        </figcaption>
      </figure>
      <div class="row controls after">
        {idle && (run.status === 'stopped' || run.status === 'failed') && Object.keys(run.files).length > 0 ? (
          <button type="button" class="main" onClick={() => goOn(run)}>
            Resume
          </button>
        ) : null}
        {idle && run.status === 'complete' && !hasReport ? (
          <button type="button" class="main" onClick={() => goOn(run)}>
            Make the report
          </button>
        ) : null}
        <button type="button" disabled={Object.keys(run.files).length === 0 || run === running.value} onClick={() => download(run)}>
          Download the run <span class="quiet">zip</span>
        </button>
      </div>
    </>
  );
}

function ModelPanel({ model, networks, limits }: { model: string; networks: readonly Network[]; limits: ReturnType<typeof runLimits> }) {
  const begun = networks.filter(({ rows }) => rows.length > 0);
  const last = begun.at(-1)?.rows.at(-1);
  const parameters = networks.find(({ parameterCount }) => parameterCount !== null)?.parameterCount;
  const seconds = begun.reduce((sum, { rows }) => sum + rows.reduce((total, row) => total + row.seconds, 0), 0);
  return (
    <div>
      <h3>
        {model}{' '}
        <span class="quiet">
          {[
            ...(parameters ? [`${formatCount(parameters)} parameters`] : []),
            ...(last ? [`epoch ${last.epoch} of ${begun.at(-1)?.epochs}`, `loss ${formatNumber(last.validationLoss)}`, formatDuration(seconds)] : []),
          ].join(' · ')}
        </span>
      </h3>
      {begun.length === 0 ? (
        <p class="quiet waiting">{networks.some(({ state }) => state === 'training') ? 'In its first epoch …' : 'Waiting for its turn.'}</p>
      ) : (
        <>
          <Drawing markup={learningChart(model, networks, limits)} />
          <Drawing markup={timeChart(model, networks)} />
        </>
      )}
    </div>
  );
}

/** Markup of our own figures, in which every text is escaped. */
export function Drawing({ markup }: { markup: string }) {
  return <div dangerouslySetInnerHTML={{ __html: markup }} />;
}

function download(run: RunRecord): void {
  const name = run.label.replaceAll(/[^A-Za-z0-9._+-]+/g, '-').replace(/\.zip$/, '');
  const archive = packZip(Object.entries(run.files), run.experiment.name);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([archive as Uint8Array<ArrayBuffer>], { type: 'application/zip' }));
  link.download = `${name}.zip`;
  link.click();
  // the browser has taken the content by then
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
