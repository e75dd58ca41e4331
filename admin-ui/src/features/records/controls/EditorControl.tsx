import { useRef, useState } from 'react';
import { Segments } from '@/components';
import { messages } from '@/messages.en';
import { preferences, useStored } from '@/preferences';
import { inputBox, type ControlProps } from './controlProps';
import { applyRich, type RichAct } from './richText';

const words = messages.recordEditor.rich;

const acts = [
  'bold',
  'italic',
  'heading',
  'subheading',
  'paragraph',
  'bullets',
  'numbers',
  'quote',
  'code',
  'link',
] as const satisfies readonly RichAct[];

const actLook: Partial<Record<RichAct, string>> = {
  bold: 'font-semibold',
  italic: 'italic',
  code: 'font-mono',
};

// Nothing is loaded and nothing runs: the frame has no rights, and its own policy allows styles alone.
const frameText = (html: string, scheme: string): string =>
  `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>:root{color-scheme:${scheme}}body{font:14px/1.5 system-ui,sans-serif;margin:12px;overflow-wrap:anywhere}</style>${html}`;

const Preview = ({ html, label }: { html: string; label: string }) => {
  const [theme] = useStored(preferences.theme);
  if (html.trim() === '') return <p className="py-2 text-muted">{words.emptyPreview}</p>;
  return (
    <iframe
      title={label}
      sandbox=""
      srcDoc={frameText(html, theme === 'system' ? 'light dark' : theme)}
      className="h-64 w-full resize-y rounded-control border border-line"
    />
  );
};

/** Rich text as its source, with the usual acts on what is marked, and a preview that can do nothing. */
export const EditorControl = ({
  field,
  id,
  draft,
  isInvalid,
  describedBy,
  onChange,
}: ControlProps<'text'>) => {
  const [view, setView] = useState<'source' | 'preview'>('source');
  const box = useRef<HTMLTextAreaElement>(null);
  const { text } = draft;

  const act = (which: RichAct) => {
    const element = box.current;
    if (!element) return;
    const { selectionStart: start, selectionEnd: end } = element;
    const next = applyRich(which, { text, start, end });
    onChange({ kind: 'text', text: next.text });
    element.focus();
    // The box has the new text only after this render.
    requestAnimationFrame(() => element.setSelectionRange(next.start, next.end));
  };

  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        {view === 'source' ? (
          <div role="group" aria-label={words.toolbar(field.name)} className="flex flex-wrap">
            {acts.map((one) => (
              <button
                key={one}
                type="button"
                aria-label={words.acts[one]}
                title={words.acts[one]}
                onClick={() => act(one)}
                className={`h-7 min-w-7 rounded-control px-1 text-grid text-muted hover:bg-sunken hover:text-text coarse:h-11 coarse:min-w-10 ${actLook[one] ?? ''}`}
              >
                {words.signs[one]}
              </button>
            ))}
          </div>
        ) : (
          <span />
        )}
        <Segments
          label={words.view(field.name)}
          labelHidden
          value={view}
          options={[
            { value: 'source', label: words.source },
            { value: 'preview', label: words.preview },
          ]}
          onChange={setView}
        />
      </div>
      {view === 'preview' ? (
        <Preview html={text} label={words.previewOf(field.name)} />
      ) : (
        <textarea
          ref={box}
          id={id}
          value={text}
          rows={6}
          aria-invalid={isInvalid}
          aria-describedby={describedBy}
          aria-required={field.required === true}
          onChange={(event) => onChange({ kind: 'text', text: event.target.value })}
          className={`${inputBox(isInvalid)} resize-y py-2 leading-5`}
        />
      )}
    </div>
  );
};
