import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';

type FrameProps = {
  id: string;
  label: string;
  labelHidden?: boolean | undefined;
  error: string | undefined;
  hint: string | undefined;
  children: ReactNode;
};

const Frame = ({ id, label, labelHidden = false, error, hint, children }: FrameProps) => (
  <div className="flex min-w-0 flex-col gap-1">
    <label htmlFor={id} className={labelHidden ? 'sr-only' : 'text-grid font-medium'}>
      {label}
    </label>
    {children}
    {/* The line is always there, so that an error does not move the form. */}
    <p
      id={`${id}-note`}
      className={`min-h-4 text-meta ${error === undefined ? 'text-muted' : 'text-danger'}`}
      aria-live="polite"
    >
      {error ?? hint}
    </p>
  </div>
);

const box = (error: string | undefined) =>
  `w-full min-w-0 rounded-control border bg-surface px-3 coarse:text-title ${
    error === undefined ? 'border-control' : 'border-danger'
  }`;

type Described = {
  label: string;
  labelHidden?: boolean;
  error?: string | undefined;
  hint?: string | undefined;
};

type SelectFieldProps<T extends string> = Omit<
  SelectHTMLAttributes<HTMLSelectElement>,
  'id' | 'value' | 'onChange'
> &
  Described & {
    value: T;
    options: readonly { value: T; label: string }[];
    onChange: (value: T) => void;
  };

/** A labelled choice of many; the browser's own list, which every hand and reader knows. */
export const SelectField = <T extends string>({
  label,
  labelHidden,
  error,
  hint,
  options,
  value,
  onChange,
  ...rest
}: SelectFieldProps<T>) => {
  const id = useId();
  return (
    <Frame id={id} label={label} labelHidden={labelHidden} error={error} hint={hint}>
      <select
        {...rest}
        id={id}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
        className={`${box(error)} h-9 coarse:h-11`}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
};

type TextAreaProps = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id'> & Described;

/** A labelled text of several lines. */
export const TextArea = ({ label, labelHidden, error, hint, ...rest }: TextAreaProps) => {
  const id = useId();
  return (
    <Frame id={id} label={label} labelHidden={labelHidden} error={error} hint={hint}>
      <textarea
        {...rest}
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        className={`${box(error)} py-2 font-mono leading-5 coarse:leading-6`}
      />
    </Frame>
  );
};

type SwitchInputProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'type' | 'role' | 'className'>;

/** The switch alone, for where its words stand elsewhere. */
export const SwitchInput = (props: SwitchInputProps) => (
  <span className="relative inline-flex h-5 w-9 shrink-0">
    <input
      {...props}
      type="checkbox"
      role="switch"
      className="peer absolute inset-0 m-0 cursor-pointer appearance-none rounded-full border border-control bg-sunken transition-colors checked:border-accent checked:bg-accent"
    />
    <span className="pointer-events-none absolute start-1 top-1 size-3 rounded-full bg-control transition-transform peer-checked:translate-x-4 peer-checked:bg-on-accent rtl:peer-checked:-translate-x-4" />
  </span>
);

type SwitchProps = { label: string; hint?: string; checked: boolean; onChange: (checked: boolean) => void };

/** On or off, with the words beside it. */
export const Switch = ({ label, hint, checked, onChange }: SwitchProps) => {
  const id = useId();
  return (
    <label className="flex min-h-8 cursor-pointer items-start gap-3 coarse:min-h-11">
      <span className="mt-0.5 flex">
        <SwitchInput
          checked={checked}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => onChange(event.target.checked)}
        />
      </span>
      <span className="flex min-w-0 flex-col">
        <span className="font-medium">{label}</span>
        {hint === undefined ? null : (
          <span id={`${id}-hint`} className="text-grid text-muted">
            {hint}
          </span>
        )}
      </span>
    </label>
  );
};
