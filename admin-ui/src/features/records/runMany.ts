export type ManyResult = { done: string[]; failed: { id: string; error: unknown }[] };

type Options = {
  /** How many run at the same time: enough to be quick, few enough to leave the server to others. */
  atOnce?: number;
  signal: AbortSignal;
  onProgress: (finished: number) => void;
};

/** Does the same to many records; one that fails does not keep the others from it. What is left when stopped is neither done nor failed. */
export const runMany = async (
  ids: readonly string[],
  work: (id: string) => Promise<unknown>,
  { atOnce = 4, signal, onProgress }: Options,
): Promise<ManyResult> => {
  const result: ManyResult = { done: [], failed: [] };
  const waiting = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined && !signal.aborted; id = waiting.shift()) {
      try {
        await work(id);
        result.done.push(id);
      } catch (error) {
        result.failed.push({ id, error });
      }
      onProgress(result.done.length + result.failed.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, ids.length) }, worker));
  return result;
};
