import { useId, useState, type InputHTMLAttributes, type Ref } from 'react';
import { messages } from '@/messages.en';

type TextFieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> & {
  label: string;
  error?: string | undefined;
  hint?: string | undefined;
  ref?: Ref<HTMLInputElement>;
};

/** A labelled input; what is wrong with it stands below it and is tied to it. */
export const TextField = ({ label, error, hint, type, ref, ...rest }: TextFieldProps) => {
  const id = useId();
  const [shown, setShown] = useState(false);
  const secret = type === 'password';
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-grid font-medium">
        {label}
      </label>
      <div
        className={`flex items-center rounded-control border bg-surface has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-focus ${
          error === undefined ? 'border-control' : 'border-danger'
        }`}
      >
        <input
          {...rest}
          ref={ref}
          id={id}
          type={secret && shown ? 'text' : type}
          aria-invalid={error !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className="h-9 min-w-0 flex-1 rounded-control bg-transparent px-3 outline-none coarse:h-11 coarse:text-title"
        />
        {secret ? (
          <button
            type="button"
            aria-pressed={shown}
            aria-label={`${shown ? messages.common.hide : messages.common.show} ${label.toLowerCase()}`}
            onClick={() => setShown(!shown)}
            className="me-1 h-7 rounded-control px-2 text-meta text-muted hover:bg-sunken hover:text-text coarse:h-9 coarse:px-3"
          >
            {shown ? messages.common.hide : messages.common.show}
          </button>
        ) : null}
      </div>
      {/* The line is always there, so that an error does not move the form. */}
      <p
        id={`${id}-note`}
        className={`min-h-4 text-meta ${error === undefined ? 'text-muted' : 'text-danger'}`}
        aria-live="polite"
      >
        {note}
      </p>
    </div>
  );
};
