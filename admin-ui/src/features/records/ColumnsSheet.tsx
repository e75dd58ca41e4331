import { Button, IconButton, Sheet, SwitchInput, useForm } from '@/components';
import { messages } from '@/messages.en';
import type { Columns } from './columnLayout';

const words = messages.recordGrid.columns;

/** Which columns the grid has, and in which order. */
export const ColumnsSheet = ({ columns, onClose }: { columns: Columns; onClose: () => void }) => {
  const form = useForm();
  const { all, shown } = columns;
  return (
    <Sheet title={words.title} side={form === 'phone' ? 'bottom' : 'centre'} onClose={onClose}>
      <div className="flex flex-col gap-2 p-4">
        <p className="text-grid text-muted">{words.intro}</p>
        <ul className="flex flex-col">
          {all.map(({ field }, index) => {
            const isShown = shown.some((one) => one.field.id === field.id);
            const isLast = isShown && shown.length === 1;
            return (
              <li
                key={field.id}
                className="flex min-h-10 items-center gap-2 border-b border-line last:border-b-0"
              >
                <label className="flex min-w-0 flex-1 cursor-pointer items-center gap-3">
                  <SwitchInput
                    checked={isShown}
                    disabled={isLast}
                    title={isLast ? words.atLeastOne : undefined}
                    onChange={(event) => columns.setHidden(field.id, !event.target.checked)}
                  />
                  <span className="truncate">{field.name}</span>
                </label>
                <IconButton
                  icon="chevronUp"
                  label={words.earlier(field.name)}
                  disabled={index === 0}
                  onClick={() => columns.move(field.id, -1, all)}
                />
                <IconButton
                  icon="chevronDown"
                  label={words.later(field.name)}
                  disabled={index === all.length - 1}
                  onClick={() => columns.move(field.id, 1, all)}
                />
              </li>
            );
          })}
        </ul>
        <div className="flex justify-end gap-2 pt-2">
          {columns.isChanged ? <Button onClick={columns.reset}>{words.reset}</Button> : null}
          <Button look="accent" onClick={onClose}>
            {messages.common.close}
          </Button>
        </div>
      </div>
    </Sheet>
  );
};
