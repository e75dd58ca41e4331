import { act, render } from '@testing-library/react';
import { App, createQueryClient } from '@/app/App';
import { createAppRouter } from '@/app/router';

/** Opens the whole dashboard at a route. */
export const openDashboard = async (route: string) => {
  window.location.hash = route;
  const router = createAppRouter();
  await act(async () => {
    render(<App router={router} queryClient={createQueryClient()} />);
    await router.load();
  });
  return router;
};
