/** At the end edge of the grid a box opens towards the start, so that none of it is cut off. */
export const keepInGrid = (box: HTMLElement | null): void => {
  const edge = box?.closest('[role="grid"]')?.getBoundingClientRect().right ?? Infinity;
  if (!box || box.getBoundingClientRect().right <= edge) return;
  box.style.insetInlineStart = 'auto';
  box.style.insetInlineEnd = '0';
};
