import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api, session, toApiError } from '@/api';
import { safeNext } from './nextRoute';
import type { AppRouter } from './router';

const retriesOf = { offline: 2, failed: 1 } as const;

/** A new session is fetched this long after the last one, when the person comes back to the page. */
const refreshAfter = 15 * 60_000;

// A refresh that fails for another reason than the session leaves it to the screens to tell.
const refreshSession = () => void api.superusers.refresh().catch(() => undefined);

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        // A token the server no longer accepts reads as a guest's, so "refused" may mean "signed out": ask.
        if (toApiError(error).kind === 'refused' && session.get()) refreshSession();
      },
    }),
    defaultOptions: {
      queries: {
        retry: (count, error) => {
          const { kind } = toApiError(error);
          return (kind === 'offline' || kind === 'failed') && count < retriesOf[kind];
        },
        retryDelay: (count) => 300 * 3 ** count,
        // Whether the network is there is for the server's answer to say: it may run on this machine.
        networkMode: 'always',
      },
    },
  });

/** Renews the session at the start and on return, and leaves for the sign-in when it ends. */
const useSession = (router: AppRouter, queryClient: QueryClient) => {
  useEffect(() => {
    let refreshedAt = Date.now();
    if (session.get()) refreshSession();
    const onVisible = () => {
      if (document.visibilityState !== 'visible' || !session.get()) return;
      if (Date.now() - refreshedAt < refreshAfter) return;
      refreshedAt = Date.now();
      refreshSession();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, []);

  useEffect(
    () =>
      session.subscribe(() => {
        if (session.get()) return;
        queryClient.clear();
        const here = router.history.location.href;
        if (!/^\/(?:c|settings)(?:[/?]|$)/.test(here)) return;
        const next = session.reason() === 'expired' ? { next: safeNext(here) } : {};
        void router.navigate({ to: '/login', search: next, replace: true });
      }),
    [router, queryClient],
  );
};

type AppProps = { router: AppRouter; queryClient: QueryClient };

export const App = ({ router, queryClient }: AppProps) => {
  useSession(router, queryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
};
