import { useId } from 'react';

type SegmentsProps<T extends string> = {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  labelHidden?: boolean;
};

/** One choice of a few, all in sight. Native radio buttons, so the arrow keys work. */
export const Segments = <T extends string>({
  label,
  value,
  options,
  onChange,
  labelHidden = false,
}: SegmentsProps<T>) => {
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className={labelHidden ? 'sr-only' : 'mb-1 text-meta text-muted'}>{label}</legend>
      <div className="flex rounded-control border border-control bg-surface p-0.5">
        {options.map((option) => (
          <label
            key={option.value}
            className="flex h-7 flex-1 cursor-pointer items-center justify-center rounded-control px-3 text-meta whitespace-nowrap text-muted hover:text-text has-checked:bg-accent-soft has-checked:font-medium has-checked:text-text has-focus-visible:outline-2 has-focus-visible:outline-focus coarse:h-10"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="sr-only"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
};
