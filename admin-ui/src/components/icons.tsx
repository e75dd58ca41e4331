import type { ReactNode } from 'react';

const paths = {
  base: <path d="M2.5 4.5h11v8h-11zM2.5 7.5h11M6.5 7.5v5" />,
  auth: <path d="M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.5-2.5 2.5-3.5 5-3.5s4.5 1 5 3.5" />,
  view: (
    <>
      <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="1.8" />
    </>
  ),
  data: (
    <path d="M3 4c0-1 2.2-1.8 5-1.8S13 3 13 4s-2.2 1.8-5 1.8S3 5 3 4zM3 4v8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8V4M3 8c0 1 2.2 1.8 5 1.8S13 9 13 8" />
  ),
  more: (
    <>
      <circle cx="3.5" cy="8" r=".6" />
      <circle cx="8" cy="8" r=".6" />
      <circle cx="12.5" cy="8" r=".6" />
    </>
  ),
  account: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 8.5a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8zM4.2 12.5c.6-1.5 2-2.2 3.8-2.2s3.2.7 3.8 2.2" />
    </>
  ),
  chevronRight: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  chevronLeft: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  chevronDown: <path d="m3.5 6 4.5 4.5L12.5 6" />,
  chevronUp: <path d="M3.5 10 8 5.5l4.5 4.5" />,
  arrowUp: <path d="M8 13V3.5M4 7l4-4 4 4" />,
  arrowDown: <path d="M8 3v9.5M4 9l4 4 4-4" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  reload: <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5" />,
  fold: <path d="M2.5 3.5h11v9h-11zM6 3.5v9M11 6.5 9.5 8l1.5 1.5" />,
  unfold: <path d="M2.5 3.5h11v9h-11zM6 3.5v9M9.5 6.5 11 8 9.5 9.5" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.2" />
      <path d="m10.2 10.2 3.3 3.3" />
    </>
  ),
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
  tick: <path d="m3 8.5 3.2 3.2L13 4.5" />,
  expand: <path d="M9.5 3H13v3.5M6.5 13H3V9.5M13 3 9 7M3 13l4-4" />,
  shrink: <path d="M13 6.5H9.5V3M3 9.5h3.5V13M9.5 6.5 13.5 2.5M6.5 9.5l-4 4" />,
  lock: <path d="M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5" />,
  warning: <path d="M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.8v.1" />,
  unplugged: (
    <path d="M2 14l3-3M5 8l3 3-1.5 1.5a2.1 2.1 0 0 1-3-3zM8 5l1.5-1.5a2.1 2.1 0 0 1 3 3L11 8zM11 5l3-3M7 7 6 8M9 9l-1 1" />
  ),
  settings: (
    <path d="M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M8.5 4.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0M4.5 11.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0" />
  ),
  drag: <path strokeWidth="2" d="M6 4v.01M10 4v.01M6 8v.01M10 8v.01M6 12v.01M10 12v.01" />,
  people: (
    <path d="M6 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM1.8 12.5c.4-2 2-3 4.2-3s3.800 1 4.200 3M10.500 3.700a2 2 0 0 1 0 3.700M12 9.800c1.300.4 2 1.300 2.200 2.700" />
  ),
  plus: <path d="M8 3v10M3 8h10" />,
  file: <path d="M4 2.5h5l3 3v8H4zM9 2.5v3h3" />,
  external: <path d="M9.5 2.5h4v4M13.5 2.5 8 8M11.5 9v4.5h-9v-9H7" />,
  calendar: <path d="M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5V5M10.5 2.5V5" />,
  trash: <path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4" />,
  upload: <path d="M8 10.5V3M5 5.5 8 2.5l3 3M2.5 10.5v3h11v-3" />,
  pin: (
    <path d="M8 14s4.5-4.2 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 9.8 8 14 8 14zM8 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z" />
  ),
  columns: <path d="M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9" />,
  filter: <path d="M2.5 3.5h11L9.5 8.5v4l-3 1.5V8.5z" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof paths;

/** A drawing without meaning of its own: the words stand beside it or name the control. */
export const Icon = ({ name, className = 'size-4' }: { name: IconName; className?: string }) => (
  <svg
    viewBox="0 0 16 16"
    aria-hidden="true"
    className={`shrink-0 ${className}`}
    fill="none"
    stroke="currentColor"
    strokeWidth="1.4"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    {paths[name]}
  </svg>
);
