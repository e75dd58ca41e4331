import type { ReactNode } from 'react';
import type { Field } from '@/api';
import { messages } from '@/messages.en';

const words = messages.recordEditor;

type FieldFrameProps = {
  field: Field;
  id: string;
  /** Several controls in one: the name belongs to all of them. */
  isGroup: boolean;
  isChanged: boolean;
  hint: string | undefined;
  error: string | undefined;
  children: ReactNode;
};

/** A field of the editor: its name and type above the control, hint or error below. */
export const FieldFrame = ({ field, id, isGroup, isChanged, hint, error, children }: FieldFrameProps) => {
  const name = (
    <>
      {field.name}
      {field.required === true ? (
        <>
          <span aria-hidden="true" className="text-danger">
            {' *'}
          </span>
          <span className="sr-only"> {words.required}</span>
        </>
      ) : null}
    </>
  );
  return (
    <div
      data-field={field.name}
      data-invalid={error !== undefined}
      role={isGroup ? 'group' : undefined}
      aria-labelledby={isGroup ? `${id}-name` : undefined}
      aria-describedby={isGroup ? `${id}-note` : undefined}
      className={`flex min-w-0 flex-col gap-1 border-s-2 px-4 pt-3 ${isChanged ? 'border-accent' : 'border-transparent'}`}
    >
      <div className="flex items-baseline gap-2">
        {isGroup ? (
          <span id={`${id}-name`} className="min-w-0 text-grid font-medium break-all">
            {name}
          </span>
        ) : (
          <label htmlFor={id} className="min-w-0 text-grid font-medium break-all">
            {name}
          </label>
        )}
        <span className="ms-auto shrink-0 font-mono text-meta text-muted">
          {field.type}
          {field.hidden ? ` · ${messages.records.hiddenField}` : null}
        </span>
      </div>
      {children}
      {/* The line is always there, so that an error does not move the form. */}
      <p
        id={`${id}-note`}
        aria-live="polite"
        className={`min-h-4 text-meta break-words ${error === undefined ? 'text-muted' : 'text-danger'}`}
      >
        {error ?? hint}
      </p>
    </div>
  );
};
