import type { Field } from '@/api';
import type { FieldDraft } from '../draft';

/** What every control of the record editor gets. */
export type ControlProps<K extends FieldDraft['kind'], F extends Field = Field> = {
  field: F;
  /** The element the label names. */
  id: string;
  draft: Extract<FieldDraft, { kind: K }>;
  isInvalid: boolean;
  /** The element that holds hint or error. */
  describedBy: string;
  onChange: (draft: FieldDraft) => void;
};

export const inputBox = (isInvalid: boolean): string =>
  `w-full min-w-0 rounded-control border bg-surface px-3 coarse:text-title ${
    isInvalid ? 'border-danger' : 'border-control'
  }`;
