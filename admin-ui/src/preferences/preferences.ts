import { isBoolean, stored } from './stored';

const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const isTheme = (value: unknown): value is Theme => themes.some((theme) => theme === value);

export const sidebarWidths = { min: 200, initial: 232, max: 320 };

const isWidth = (value: unknown): value is number =>
  typeof value === 'number' && value >= sidebarWidths.min && value <= sidebarWidths.max;

export const preferences = {
  theme: stored<Theme>('larder.theme', 'system', isTheme),
  sidebarFolded: stored<boolean>('larder.sidebarFolded', false, isBoolean),
  sidebarWidth: stored<number>('larder.sidebarWidth', sidebarWidths.initial, isWidth),
  systemOpen: stored<boolean>('larder.systemOpen', false, isBoolean),
  /** Shortcuts of one letter can get in the way of speech input, so they can be switched off. */
  singleKeys: stored<boolean>('larder.singleKeys', true, isBoolean),
};

/** Keeps the chosen theme on the root element; `system` leaves the choice to the browser. */
export const applyTheme = (): void => {
  const apply = () => {
    const theme = preferences.theme.get();
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  apply();
  preferences.theme.subscribe(apply);
};
