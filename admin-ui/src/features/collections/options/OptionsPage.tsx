import { messages } from '@/messages.en';
import type { CompletionContext } from '../rules/completion';
import { RuleEditor } from '../rules/RuleEditor';
import { readRule } from '../rules/RulesPage';
import { useEditing } from '../shape/useDraft';
import { useCollections } from '../useCollections';
import { Card } from './Card';
import { Providers } from './Providers';
import { SignInMethods } from './SignInMethods';
import { Templates } from './Templates';
import { Tokens } from './Tokens';
import { useOptions } from './useOptions';

const words = messages.options;

const AccountRules = ({ context }: { context: CompletionContext }) => {
  const { get, set, problems } = useOptions();
  return (
    <>
      <Card title={words.authRule.title} hint={words.authRule.hint}>
        <RuleEditor
          label={words.authRule.title}
          rule={readRule(get('authRule'))}
          context={context}
          states={words.authRule.states}
          readyMade={[{ name: messages.rules.ready.verified, rule: 'verified = true' }]}
          problem={problems.authRule}
          onChange={(rule) => set('authRule', rule)}
        />
      </Card>
      <Card title={words.manageRule.title} hint={words.manageRule.hint}>
        <RuleEditor
          label={words.manageRule.title}
          rule={readRule(get('manageRule'))}
          context={context}
          states={words.manageRule.states}
          readyMade={[]}
          problem={problems.manageRule}
          onChange={(rule) => set('manageRule', rule)}
        />
      </Card>
    </>
  );
};

/** How accounts sign in, what their tokens are worth, and the mails they get. */
export const OptionsPage = () => {
  const { collection, draft, revision } = useEditing();
  const { data: collections = [] } = useCollections();
  const fields = draft.fields.filter(({ isRemoved }) => !isRemoved).map(({ data }) => data);
  const context: CompletionContext = { collection, shape: { fields }, collections };
  // Superusers sign in with a password in any case, never through a provider.
  const isSuperusers = collection.name === '_superusers';
  return (
    <div key={revision} className="flex w-full max-w-232 flex-col gap-4 p-4 sm:p-5 lg:p-6">
      <h2 className="text-title font-semibold">{words.signIn}</h2>
      <SignInMethods context={context} />
      {isSuperusers ? null : <Providers />}
      {collection.system ? null : <AccountRules context={context} />}
      <h2 className="pt-4 text-title font-semibold">{words.tokens.title}</h2>
      <Tokens />
      <h2 className="pt-4 text-title font-semibold">{words.templates.title}</h2>
      <Templates />
    </div>
  );
};
