import { Link } from '@tanstack/react-router';
import { buttonClass, CodeBlock, Gate, useTitle } from '@/components';
import { messages } from '@/messages.en';

const words = messages.setup;

export const CommandHelp = () => (
  <section className="flex flex-col gap-2">
    <h2 className="font-semibold">{words.commandTitle}</h2>
    <p className="text-muted">{words.commandBody}</p>
    <CodeBlock code={words.command} label={words.commandLabel} />
    <p className="text-meta text-muted">{words.afterCommand}</p>
  </section>
);

/** Tells how to come by the first superuser, for those who opened the dashboard without a link. */
export const SetupGuide = () => {
  useTitle(words.guideTitle);
  return (
    <Gate>
      <div className="flex flex-col gap-2">
        <h1 className="text-first font-semibold">{words.guideTitle}</h1>
        <p className="text-muted">{words.guideIntro}</p>
      </div>
      <section className="flex flex-col gap-2">
        <h2 className="font-semibold">{words.linkTitle}</h2>
        <p className="text-muted">{words.linkBody}</p>
      </section>
      <CommandHelp />
      <Link to="/login" className={buttonClass('outline', true)}>
        {words.toSignIn}
      </Link>
    </Gate>
  );
};
