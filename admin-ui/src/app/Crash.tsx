import { Button, StateView } from '@/components';
import { messages } from '@/messages.en';

const words = messages.errors.crash;

/** What is left when the dashboard itself fails. */
export const Crash = ({ error }: { error: unknown }) => (
  <main className="h-full overflow-y-auto">
    <StateView
      heading="h1"
      picture="failed"
      title={words.title}
      body={words.body}
      detail={error instanceof Error ? error.message : String(error)}
    >
      <Button onClick={() => window.location.reload()}>{words.reload}</Button>
    </StateView>
  </main>
);
