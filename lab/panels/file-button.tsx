// A button that opens files: the file input itself is out of sight, as browsers draw it each in its own way.
import { useRef } from 'preact/hooks';

interface FileButtonProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly accept?: string;
  /** Chooses a folder with everything in it. */
  readonly folder?: boolean;
  /** Several files at once. */
  readonly multiple?: boolean;
  readonly onFiles: (files: File[]) => void;
}

export function FileButton({ id, label, hint, accept, folder = false, multiple = false, onFiles }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <span>
      <button type="button" onClick={() => input.current?.click()}>
        {label}
        {hint ? <span class="quiet"> {hint}</span> : null}
      </button>
      <input
        ref={input}
        id={id}
        type="file"
        hidden
        accept={accept}
        multiple={multiple}
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = ''; // so that the same file can be opened again
          if (files.length > 0) onFiles(files);
        }}
      />
    </span>
  );
}
