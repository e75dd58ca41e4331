import { useId, useState, type ClipboardEvent } from 'react';
import { Button, buttonClass } from '@/components';
import { messages } from '@/messages.en';
import { readDraft } from '../draft';
import { asPoint } from '../values';
import { inputBox, type ControlProps } from './controlProps';

const words = messages.recordEditor.point;

const pair = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/;

const mapUrl = ({ lat, lon }: { lat: number; lon: number }) =>
  `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=14/${lat}/${lon}`;

/** A place as two numbers; both can be pasted at once. */
export const PointControl = ({ field, draft, isInvalid, describedBy, onChange }: ControlProps<'point'>) => {
  const id = useId();
  const [failed, setFailed] = useState(false);
  const reading = readDraft(field, draft);
  const point = 'value' in reading ? asPoint(reading.value) : null;
  const set = (lat: string, lon: string) => onChange({ kind: 'point', lat, lon });

  const onPaste = (event: ClipboardEvent) => {
    const both = pair.exec(event.clipboardData.getData('text'));
    if (!both) return;
    event.preventDefault();
    set(both[1] ?? '', both[2] ?? '');
  };
  const locate = () => {
    setFailed(false);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => set(coords.latitude.toFixed(6), coords.longitude.toFixed(6)),
      () => setFailed(true),
    );
  };
  const input = (key: 'lat' | 'lon', label: string) => (
    <div className="flex min-w-0 flex-1 flex-col">
      <label htmlFor={`${id}-${key}`} className="text-meta text-muted">
        {label}
      </label>
      <input
        id={`${id}-${key}`}
        value={draft[key]}
        inputMode="decimal"
        autoComplete="off"
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        onPaste={onPaste}
        onChange={(event) =>
          key === 'lat' ? set(event.target.value, draft.lon) : set(draft.lat, event.target.value)
        }
        className={`${inputBox(isInvalid)} h-9 tabular-nums coarse:h-11`}
      />
    </div>
  );
  return (
    <div className="flex flex-col gap-2">
      <div className="flex gap-2">
        {input('lat', words.latitude)}
        {input('lon', words.longitude)}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {window.isSecureContext && 'geolocation' in navigator ? (
          <Button onClick={locate}>{words.here}</Button>
        ) : null}
        {point === null ? null : (
          <a href={mapUrl(point)} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
            {words.map}
            <span className="sr-only"> {messages.common.opensInNewTab}</span>
          </a>
        )}
        <span role="status" className="text-meta text-danger">
          {failed ? words.hereFailed : null}
        </span>
      </div>
    </div>
  );
};
