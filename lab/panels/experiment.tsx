// Which experiment: a bundled one or a file, as text and as a few settings, with everything that is wrong with it.
import { bundled } from '../bundled.js';
import { trainingPath, valueAt } from '../draft.js';
import { cellNames, modelField, optionField } from '../fields.js';
import { choosePoint, draft, experiment, load, open, point, setValue, source, type } from '../state.js';
import { Field } from './field.js';
import { FileButton } from './file-button.js';

const trainingOptions = ['epochs', 'batchSize', 'learningRate'] as const;

export function ExperimentPanel() {
  const { name, text } = source.value;
  const { experiments, problems } = draft.value;
  const known = bundled.findIndex((each) => each.name === name);
  return (
    <section id="experiment" aria-labelledby="experiment-head">
      <h2 id="experiment-head">The experiment</h2>
      <div class="row controls">
        <div class="field">
          <label for="bundled">Bundled experiments</label>
          <select
            id="bundled"
            value={known < 0 ? '' : String(known)}
            onChange={(event) => {
              const chosen = bundled[Number(event.currentTarget.value)];
              if (chosen) load(chosen.name, chosen.text);
            }}
          >
            {known < 0 ? <option value="">{name}</option> : null}
            {bundled.map((each, i) => (
              <option key={each.name} value={i}>
                {each.name.replace('.yaml', '')}
              </option>
            ))}
          </select>
        </div>
        <FileButton label="Open a file …" hint="YAML or JSON" id="open-experiment" accept=".yaml,.yml,.json" onFiles={open} />
        <a class="button" download={name} href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}>
          Save the text
        </a>
        {experiments.length > 1 ? (
          <div class="field">
            <label for="point">This file spans {experiments.length} experiments</label>
            <select id="point" value={String(point.value)} onChange={(event) => choosePoint(Number(event.currentTarget.value))}>
              {experiments.map((each, i) => (
                <option key={each.name} value={i}>
                  {each.name}
                </option>
              ))}
            </select>
          </div>
        ) : null}
      </div>
      <div class="halves">
        <div>
          <h3>Settings</h3>
          <Settings />
        </div>
        <div>
          <h3>
            <label for="text">The whole experiment, as text</label> <span class="quiet">{name}</span>
          </h3>
          <textarea
            id="text"
            spellcheck={false}
            autocomplete="off"
            rows={18}
            value={text}
            aria-describedby="problems"
            aria-invalid={problems.length > 0}
            onInput={(event) => type(event.currentTarget.value)}
          />
          <div id="problems" aria-live="polite">
            {problems.length === 0 ? (
              <p class="fine">No problems found.</p>
            ) : (
              <>
                <p class="wrong-text">
                  {problems.length} {problems.length === 1 ? 'problem' : 'problems'}:
                </p>
                <ul class="problems">
                  {problems.map((problem) => (
                    <li key={problem}>{problem}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
        </div>
      </div>
    </section>
  );
}

function Settings() {
  const { raw } = draft.value;
  if (raw === undefined) return <p class="quiet">The text cannot be read, so there is nothing to set here.</p>;
  const models = valueAt(raw, ['models']);
  const list: readonly unknown[] = Array.isArray(models) ? models : [];
  return (
    <>
      <div class="fields narrow">
        <Field spec={optionField(['seed'])} />
        <Field spec={optionField(['data', 'trials'])} />
      </div>
      <div class="wide">
        <table class="models">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Hidden size</th>
              <th scope="col">Epochs</th>
              <th scope="col">Batch size</th>
              <th scope="col">Learning rate</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {list.map((model, index) => (
              <ModelRow key={index} model={model} index={index} last={list.length === 1} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="field inline">
        <label for="add-model">Add a model</label>
        <select
          id="add-model"
          value=""
          onChange={(event) => {
            const cell = event.currentTarget.value;
            event.currentTarget.value = '';
            if (cell !== '') setValue(['models', list.length], { cell, hiddenSize: cell === 'node' ? 3 : 64 });
          }}
        >
          <option value="">choose a cell …</option>
          {cellNames().map((cell) => (
            <option key={cell} value={cell}>
              {cell}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

function ModelRow({ model, index, last }: { model: unknown; index: number; last: boolean }) {
  const { raw } = draft.value;
  const cell = valueAt(model, ['cell']);
  const given = valueAt(model, ['name']);
  const title = experiment.value?.models[index]?.name ?? (typeof given === 'string' ? given : typeof cell === 'string' ? cell.toUpperCase() : 'model');
  const size = modelField(index, cell, 'hiddenSize');
  return (
    <tr>
      <th scope="row">{title}</th>
      <td data-label="Hidden size">{size ? <Field bare name={`Hidden size of model ${index + 1}, ${title}`} spec={size} /> : null}</td>
      {trainingOptions.map((option) => {
        const path = trainingPath(raw, index, option);
        // where the model says nothing, what holds for all is what it gets
        const preset = valueAt(raw, ['training', option]);
        const spec = optionField(['training', option], path);
        return (
          <td key={option} data-label={spec.label}>
            <Field bare name={`${spec.label} of model ${index + 1}, ${title}`} spec={spec} preset={preset ?? spec.preset} />
          </td>
        );
      })}
      <td>
        <button
          type="button"
          class="small"
          disabled={last}
          aria-label={`Remove model ${index + 1}, ${title}`}
          onClick={() => setValue(['models', index], undefined)}
        >
          Remove
        </button>
      </td>
    </tr>
  );
}
