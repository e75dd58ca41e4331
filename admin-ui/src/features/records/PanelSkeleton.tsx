import { messages } from '@/messages.en';

/** A record before it is there. */
export const PanelSkeleton = () => (
  <div role="status" aria-label={messages.common.loading} className="appear-late flex flex-col gap-6 p-4">
    {[30, 55, 45, 70, 40].map((width) => (
      <div key={width} className="flex flex-col gap-2">
        <span className="h-3 w-20 rounded-control bg-sunken" />
        <span className="h-4 rounded-control bg-sunken" style={{ width: `${width}%` }} />
      </div>
    ))}
  </div>
);
