import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, toApiError } from '@/api';
import { messages } from '@/messages.en';

const askEvery = 3000;

/** A thin line while the server does not answer. It asks again by itself and then lets every screen ask again. */
export const ServerLine = () => {
  const queryClient = useQueryClient();
  const [isDown, setDown] = useState(false);

  useEffect(
    () =>
      queryClient.getQueryCache().subscribe(({ query, type }) => {
        if (type !== 'updated' || query.state.error === null) return;
        if (toApiError(query.state.error).kind === 'offline') setDown(true);
      }),
    [queryClient],
  );

  useEffect(() => {
    if (!isDown) return;
    const timer = setInterval(() => {
      api.health().then(
        () => {
          setDown(false);
          void queryClient.invalidateQueries();
        },
        () => undefined,
      );
    }, askEvery);
    return () => clearInterval(timer);
  }, [isDown, queryClient]);

  return isDown ? (
    <p
      role="status"
      className="flex h-7 shrink-0 items-center justify-center bg-warn-soft px-4 text-meta text-text"
    >
      <span className="truncate">{messages.errors.offlineLine}</span>
    </p>
  ) : null;
};
