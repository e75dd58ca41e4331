import { Button } from '@/components';
import { messages } from '@/messages.en';
import { jsonProblem } from '../jsonProblem';
import { inputBox, type ControlProps } from './controlProps';

const words = messages.recordEditor.json;

/** JSON as text; what is wrong is told while typing, and the caret can be put there. */
export const JsonControl = ({ id, draft, isInvalid, describedBy, onChange }: ControlProps<'text'>) => {
  const { text } = draft;
  const problem = text.trim() === '' ? null : jsonProblem(text);
  const lines = text.split('\n').length;
  return (
    <div className="flex flex-col gap-1">
      <textarea
        id={id}
        value={text}
        rows={Math.min(16, Math.max(3, lines + 1))}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        aria-invalid={isInvalid || problem !== null}
        aria-describedby={describedBy}
        onChange={(event) => onChange({ kind: 'text', text: event.target.value })}
        className={`${inputBox(isInvalid || problem !== null)} resize-y py-2 font-mono text-meta leading-5 whitespace-pre coarse:text-title`}
      />
      <div className="flex items-center gap-3">
        <span
          role="status"
          className={`min-w-0 flex-1 text-meta ${problem === null ? 'text-muted' : 'text-danger'}`}
        >
          {problem === null ? null : messages.recordEditor.problems.json(problem)}
        </span>
        {text.trim() === '' || problem !== null ? null : (
          <Button
            onClick={() =>
              onChange({ kind: 'text', text: JSON.stringify(JSON.parse(text) as unknown, null, 2) })
            }
          >
            {words.format}
          </Button>
        )}
      </div>
    </div>
  );
};
