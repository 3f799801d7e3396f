// One setting of a form: its label, its input, what it means, and what is wrong with it.
import { useState } from 'preact/hooks';
import type { FieldSpec } from '../fields.js';
import { problemsAt, valueAt } from '../draft.js';
import { draft, setValue } from '../state.js';

/** `name` stands for the label where a table's heads say it already; it is then read aloud only. */
export function Field({ spec, name, bare = false, preset = spec.preset }: { spec: FieldSpec; name?: string; bare?: boolean; preset?: unknown }) {
  const { raw, problems } = draft.value;
  // what is being typed, which may be half a number, stands in the field until it is left
  const [typed, setTyped] = useState<string | null>(null);
  const id = `field-${spec.path.join('-')}`;
  const value = valueAt(raw, spec.path) ?? preset;
  const wrong = problemsAt(problems, spec.path);
  const described = [...(spec.description !== '' && !bare ? [`${id}-what`] : []), ...(wrong.length > 0 ? [`${id}-wrong`] : [])];
  const label = name ?? spec.label;
  const shared = {
    id,
    disabled: raw === undefined || Array.isArray(value),
    'aria-invalid': wrong.length > 0,
    ...(described.length > 0 ? { 'aria-describedby': described.join(' ') } : {}),
    ...(bare ? { 'aria-label': label } : {}),
  };
  const input =
    spec.kind === 'boolean' ? (
      <input {...shared} type="checkbox" checked={value === true} onChange={(event) => setValue(spec.path, event.currentTarget.checked)} />
    ) : spec.kind === 'choice' ? (
      <select {...shared} value={String(value ?? '')} onChange={(event) => setValue(spec.path, event.currentTarget.value)}>
        {spec.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    ) : (
      <input
        {...shared}
        type="number"
        step={spec.kind === 'integer' ? 1 : 'any'}
        min={spec.minimum ?? undefined}
        max={spec.maximum ?? undefined}
        value={typed ?? (typeof value === 'number' ? String(value) : '')}
        placeholder={Array.isArray(value) ? 'a list, see the text' : ''}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          numberTyped(spec, event.currentTarget);
        }}
        onBlur={() => setTyped(null)}
      />
    );
  return (
    <div class={`field ${spec.kind}${wrong.length > 0 ? ' wrong' : ''}`}>
      {bare ? null : <label for={id}>{label}</label>}
      {input}
      {spec.description !== '' && !bare ? (
        <p class="what" id={`${id}-what`}>
          {spec.description}
        </p>
      ) : null}
      {wrong.length > 0 ? (
        <p class="wrong-text" id={`${id}-wrong`}>
          {wrong.map(withoutPath).join('; ')}
        </p>
      ) : null}
    </div>
  );
}

/** An emptied field goes back to its default; half a number (`1e`) waits for its other half. */
function numberTyped({ path }: FieldSpec, input: HTMLInputElement): void {
  if (Number.isFinite(input.valueAsNumber)) setValue(path, input.valueAsNumber);
  else if (input.value === '' && !input.validity.badInput) setValue(path, undefined);
}

/** `task.noise: expected …` → `expected …`: the field says where. */
const withoutPath = (problem: string) => problem.replace(/^[\w.-]+: /, '');
