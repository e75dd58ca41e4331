import { useEffect, useState } from 'react';
import { toApiError, type ApiError, type Collection, type Field, type RecordData } from '@/api';
import { messages } from '@/messages.en';
import { draftOf, isChanged, writeOf, type FieldDraft } from './draft';
import { problemsOf } from './recordProblems';
import { useSaveRecord } from './useSaveRecord';

const words = messages.recordGrid.edit;

/** How long the tick of a saved cell stays. */
const tickFor = 600;

export type CellName = { id: string; field: string };

type Editing = CellName & { isSaving: boolean; problem: string | null };

const sentence = (collection: Collection, field: Field, error: ApiError): string => {
  const problems = problemsOf(collection, error);
  const own = problems[field.name];
  if (own !== undefined) return own;
  // Another field keeps the record from being saved.
  const [other] = Object.entries(problems);
  if (other) return messages.recordGrid.bulk.reason(...other);
  if (error.kind === 'offline') return words.offline;
  if (error.kind === 'missing') return words.missing;
  return error.kind === 'refused' || error.kind === 'signedOut' ? words.refused : words.failed;
};

/** The one cell that is being edited in place, and the one that was just saved. */
export const useCellEdit = (collection: Collection) => {
  const [editing, setEditing] = useState<Editing | null>(null);
  const [saved, setSaved] = useState<CellName | null>(null);
  const save = useSaveRecord(collection);

  useEffect(() => {
    if (!saved) return;
    const timer = setTimeout(() => setSaved(null), tickFor);
    return () => clearTimeout(timer);
  }, [saved]);

  return {
    editing,
    saved,
    start: (id: string, field: string) => setEditing({ id, field, isSaving: false, problem: null }),
    cancel: () => setEditing(null),
    /** Whether the value is stored now; if not, the cell stays open and says why. */
    save: async (record: RecordData, field: Field, draft: FieldDraft): Promise<boolean> => {
      const name = { id: record.id, field: field.name };
      if (!isChanged(field, draftOf(field, record[field.name]), draft)) {
        setEditing(null);
        return true;
      }
      const result = writeOf(collection, { [field.name]: draft });
      if ('problems' in result) {
        setEditing({ ...name, isSaving: false, problem: result.problems[field.name] ?? words.failed });
        return false;
      }
      setEditing({ ...name, isSaving: true, problem: null });
      try {
        await save.mutateAsync({ id: record.id, write: result.write });
        setEditing(null);
        setSaved(name);
        return true;
      } catch (error) {
        setEditing({ ...name, isSaving: false, problem: sentence(collection, field, toApiError(error)) });
        return false;
      }
    },
  };
};

export type CellEditing = ReturnType<typeof useCellEdit>;
