// The task's parameters, and trials drawn from them at once, as `motorloop preview` draws them.
import { signal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { ConfigError } from '../../src/errors.js';
import type { Preview } from '../../src/jobs/preview.js';
import { valueAt } from '../draft.js';
import { runner } from '../engine.js';
import { labelOf, muscleNames, taskFields, taskNames, taskParts } from '../fields.js';
import { draft, experiment, previewSeed, setValue } from '../state.js';
import { Field } from './field.js';

/** Typing a number makes several; only the last one is worth drawing. */
const patience = 120;
const trialCounts = [1, 3, 6, 12];

const trials = signal(6);
const preview = signal<Preview | null>(null);
const problems = signal<readonly string[]>([]);

export function TaskPanel() {
  const frame = useRef<HTMLIFrameElement>(null);
  useSignalEffect(() => requestPreview(frame.current));
  const { raw } = draft.value;
  const name = valueAt(raw, ['task', 'name']);
  const statistics = preview.value?.statistics ?? [];
  return (
    <section id="task" aria-labelledby="task-head">
      <h2 id="task-head">The task</h2>
      <div class="halves uneven">
        <div>
          <TaskForm name={name} />
        </div>
        <div class={problems.value.length > 0 ? 'stale' : ''}>
          <div class="row controls">
            <div class="field">
              <label for="trial-count">Trials drawn</label>
              <select id="trial-count" value={String(trials.value)} onChange={(event) => (trials.value = Number(event.currentTarget.value))}>
                {trialCounts.map((count) => (
                  <option key={count} value={count}>
                    {count}
                  </option>
                ))}
              </select>
            </div>
            <button type="button" onClick={() => (previewSeed.value = (previewSeed.value ?? experiment.value?.data.seed ?? 0) + 1)}>
              Draw other trials
            </button>
            {previewSeed.value === null ? null : (
              <button type="button" onClick={() => (previewSeed.value = null)}>
                Back to the experiment’s
              </button>
            )}
          </div>
          {problems.value.length > 0 ? (
            <div role="alert">
              <p class="wrong-text">These trials are those of the last task that made sense:</p>
              <ul class="problems">
                {problems.value.map((problem) => (
                  <li key={problem}>{problem}</li>
                ))}
              </ul>
            </div>
          ) : null}
          <iframe ref={frame} class="trials" title="Trials of the task" />
          {statistics.length > 0 ? (
            <details open>
              <summary>In numbers, over {preview.value?.statisticTrials} trials</summary>
              <dl class="statistics">
                {statistics.map(({ name: quantity, text }) => (
                  <div key={quantity}>
                    <dt>{labelOf(quantity)}</dt>
                    <dd>{text}</dd>
                  </div>
                ))}
              </dl>
            </details>
          ) : null}
        </div>
      </div>
    </section>
  );
}

function TaskForm({ name }: { name: unknown }) {
  const { raw } = draft.value;
  if (raw === undefined) return <p class="quiet">The text cannot be read, so there is nothing to set here.</p>;
  if (name === 'custom') return <p>A task of one’s own, from a module: the text says how it is set.</p>;
  const { own, senses, bodies } = taskFields(name);
  const effector = valueAt(raw, ['task', 'effector', 'effector']) ?? 'RigidTendonArm26';
  const muscles = muscleNames(name, effector);
  return (
    <>
      <div class="field">
        <label for="task-name">Task</label>
        <select id="task-name" value={String(name)} onChange={(event) => setValue(['task'], { name: event.currentTarget.value })}>
          {taskNames().includes(String(name)) ? null : <option value={String(name)}>{String(name)}</option>}
          {taskNames().map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </div>
      {taskParts(name).length > 0 ? <Parts all={taskParts(name)} chosen={valueAt(raw, ['task', 'tasks'])} /> : null}
      <div class="fields">
        {own.map((spec) => (
          <Field key={spec.path.join('.')} spec={spec} />
        ))}
      </div>
      {bodies.length > 0 ? (
        <details>
          <summary>Body and senses</summary>
          <div class="fields">
            <div class="field">
              <label for="effector">Body</label>
              <select id="effector" value={String(effector)} onChange={(event) => setValue(['task', 'effector'], { effector: event.currentTarget.value })}>
                {bodies.includes(String(effector)) ? null : <option value={String(effector)}>{String(effector)}</option>}
                {bodies.map((body) => (
                  <option key={body} value={body}>
                    {body}
                  </option>
                ))}
              </select>
            </div>
            {muscles.length > 1 ? (
              <div class="field">
                <label for="muscle">Muscles</label>
                <select
                  id="muscle"
                  value={String(valueAt(raw, ['task', 'effector', 'muscle']) ?? 'MujocoHill')}
                  onChange={(event) => setValue(['task', 'effector'], { effector, muscle: event.currentTarget.value })}
                >
                  {muscles.map((muscle) => (
                    <option key={muscle} value={muscle}>
                      {muscle}
                    </option>
                  ))}
                </select>
              </div>
            ) : null}
            {senses.map((spec) => (
              <Field key={spec.path.join('.')} spec={spec} />
            ))}
          </div>
        </details>
      ) : null}
    </>
  );
}

/** Draws the trials of the task that the text names now, in a worker; a newer wish takes the place of an older one. */
function requestPreview(frame: HTMLIFrameElement | null): () => void {
  const { raw } = draft.value;
  const task = valueAt(experiment.value, ['task']) ?? valueAt(raw, ['task']);
  const seed = previewSeed.value ?? experiment.value?.data.seed ?? valueAt(raw, ['data', 'seed']) ?? valueAt(raw, ['seed']) ?? 0;
  const wish = { experiment: { name: 'preview', task, data: { seed }, models: [{ cell: 'gru' }] }, trials: trials.value, format: 'html' as const };
  const control = new AbortController();
  const timer = setTimeout(async () => {
    if (task === undefined) return;
    try {
      const drawn = await runner.preview(wish, { signal: control.signal });
      preview.value = drawn;
      problems.value = [];
      if (frame) show(frame, drawn.sheet);
    } catch (error) {
      if (control.signal.aborted) return;
      problems.value = error instanceof ConfigError ? error.problems : [(error as Error).message];
    }
  }, patience);
  return () => {
    clearTimeout(timer);
    control.abort();
  };
}

/** Writes the page into the frame that is there: unlike a new one it does not flicker. As high as its content. */
function show(frame: HTMLIFrameElement, sheet: string): void {
  const page = frame.contentDocument;
  if (!page) return;
  page.open();
  page.write(sheet);
  page.close();
  // The root's own height: scrollHeight is never less than the frame's, so that a frame once too high would stay so.
  const fit = () => {
    frame.style.height = `${Math.ceil(page.documentElement.getBoundingClientRect().height) + 2}px`;
  };
  new ResizeObserver(fit).observe(page.body);
  fit();
}

/** Boxes for the parts of a task; the last one that is chosen stays. */
function Parts({ all, chosen }: { all: readonly string[]; chosen: unknown }) {
  const current: readonly unknown[] = Array.isArray(chosen) ? chosen : all;
  const toggle = (part: string): void => {
    const next = current.includes(part) ? current.filter((each) => each !== part) : [...current, part];
    if (next.length > 0) setValue(['task', 'tasks'], next);
  };
  return (
    <fieldset class="parts">
      <legend>Tasks</legend>
      {all.map((part) => (
        <label key={part}>
          <input type="checkbox" checked={current.includes(part)} onChange={() => toggle(part)} /> {part}
        </label>
      ))}
    </fieldset>
  );
}
