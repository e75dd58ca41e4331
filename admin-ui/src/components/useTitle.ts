import { useEffect } from 'react';
import { messages } from '@/messages.en';

/** Names the tab of the browser after the screen. */
export const useTitle = (page: string): void => {
  useEffect(() => {
    document.title = messages.pageTitle(page);
  }, [page]);
};
