// Where kernels run: what this browser has, what is missing and why, and the choice among it.
import type { DevicesReport } from '../../src/jobs/devices.js';
import { formatPlural } from '../../src/report/format.js';
import { backend, devices } from '../state.js';

/** All that there are. */
export const names = ['wasm', 'webgpu', 'gpujs', 'reference'];

export function BackendPanel() {
  const found = devices.value;
  const report = found !== null && !(found instanceof Error) ? found : null;
  const { backend: name = 'auto', variant, threads } = backend.value;
  const chosen = report?.backends.find((each) => each.name === (name === 'auto' ? report.auto.name : name));
  return (
    <div class="backend">
      {globalThis.crossOriginIsolated ? null : (
        <p class="note" id="single-thread">
          <b>One thread only.</b> This page came without the two headers (COOP and COEP) by which a browser lets several threads share memory. Training works
          all the same, more slowly. The command <code>motorloop lab</code> sends them.
        </p>
      )}
      <div class="row controls">
        <div class="field">
          <label for="backend">Backend</label>
          <select id="backend" value={name} onChange={(event) => (backend.value = { backend: event.currentTarget.value })}>
            <option value="auto">automatic{report ? ` (${report.auto.name})` : ''}</option>
            {names.map((each) => {
              // until the browser has been looked at, anything may be asked for; the run then says why it cannot be had
              const known = report?.backends.find((backend) => backend.name === each);
              const offered = report === null || (known !== undefined && usable(known));
              return (
                <option key={each} value={each} disabled={!offered}>
                  {each}
                  {offered ? '' : ' (not available)'}
                </option>
              );
            })}
          </select>
        </div>
        <div class="field">
          <label for="variant">Variant</label>
          <select
            id="variant"
            disabled={name === 'auto'}
            value={variant ?? ''}
            onChange={(event) => (backend.value = { ...backend.value, variant: event.currentTarget.value || undefined })}
          >
            <option value="">{chosen ? `default (${chosen.variants[0] ?? ''})` : 'default'}</option>
            {(chosen?.variants ?? []).map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="threads">Threads</label>
          <input
            id="threads"
            type="number"
            min={1}
            max={64}
            step={1}
            disabled={(chosen?.name ?? name) !== 'wasm' || !globalThis.crossOriginIsolated}
            placeholder={chosen ? String(chosen.threads) : ''}
            value={threads ?? ''}
            onInput={(event) => {
              const count = event.currentTarget.valueAsNumber;
              backend.value = { ...backend.value, threads: Number.isInteger(count) && count > 0 ? count : undefined };
            }}
          />
        </div>
      </div>
      {found === null ? <p class="quiet">Looking at what this browser offers …</p> : null}
      {found instanceof Error ? <p class="wrong-text">{found.message}</p> : null}
      {report ? (
        <details>
          <summary>What this browser offers</summary>
          <dl class="devices">
            {report.backends.map((each) => (
              <div key={each.name}>
                <dt>
                  <b>{each.name}</b> {state(each)}
                </dt>
                <dd>{each.reason}</dd>
                {each.checks
                  .filter(({ ok }) => !ok)
                  .map((check) => (
                    <dd key={check.variant} class="wrong-text">
                      {check.variant}: {check.detail}
                    </dd>
                  ))}
              </div>
            ))}
          </dl>
        </details>
      ) : null}
    </div>
  );
}

type Checked = DevicesReport['backends'][number];

/** It starts, and at least one of its variants computes what the reference computes. */
const usable = ({ available, checks }: Checked): boolean => available && checks.some(({ ok }) => ok);

function state(report: Checked): string {
  const { available, variants, threads } = report;
  if (available && !usable(report)) return 'starts, but does not compute what it should:';
  return available ? `works: ${variants.join(', ')}; ${formatPlural(threads, 'thread')}` : 'is not available here';
}
