export { applyTheme, preferences, sidebarWidths, type Theme } from './preferences';
export { useStored } from './stored';
export { useShortcuts } from './useShortcuts';
