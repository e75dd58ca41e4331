import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Settings, SettingsPatch } from '@/api';
import { Button, buttonClass, Callout, CodeBlock, ConfirmSheet, TextArea } from '@/components';
import { messages } from '@/messages.en';
import { problemOfList } from './fieldErrors';
import { isNetwork, letsIn, linesOf } from './networks';
import { Section, SettingsFrame } from './SettingsFrame';
import { SettingsForm } from './SettingsForm';
import { useOwnAddress } from './useSettings';
import { useSettingsDraft } from './useSettingsDraft';

const words = messages.settings.superusers;

type Draft = { addresses: string };

const read = ({ superuserIPs }: Settings): Draft => ({ addresses: superuserIPs.join('\n') });

const write = ({ addresses }: Draft): { patch: SettingsPatch } => ({
  patch: { superuserIPs: linesOf(addresses) },
});

const SuperusersForm = ({ settings }: { settings: Settings }) => {
  const { draft, set, problems, form, save } = useSettingsDraft({ settings, read, write });
  const { data: address = '' } = useOwnAddress();
  const [asking, setAsking] = useState(false);

  const list = linesOf(draft.addresses);
  const isShutOut = list.length > 0 && !letsIn(list, address);
  // The server checks the entries too; it is not worth asking about a list that it will not take.
  const isComplete = list.every(isNetwork);
  const onSave = () => {
    if (isShutOut && isComplete) setAsking(true);
    else void save();
  };

  return (
    <SettingsForm {...form} onSave={onSave}>
      <Section title={words.addressesTitle} intro={words.addressesIntro}>
        <div className="flex max-w-160 flex-col gap-3">
          <TextArea
            label={words.addresses}
            rows={4}
            spellCheck={false}
            autoCapitalize="none"
            value={draft.addresses}
            hint={`${messages.settings.oneALine} ${words.emptyHint}`}
            error={problemOfList('superuserIPs', list, problems)}
            onChange={(event) => set({ addresses: event.target.value })}
          />
          {address === '' ? null : (
            <div className="flex flex-wrap items-center gap-3">
              <p className="text-grid text-muted">{words.own(address)}</p>
              {isShutOut ? (
                <Button onClick={() => set({ addresses: [...list, address].join('\n') })}>
                  {words.addOwn}
                </Button>
              ) : null}
            </div>
          )}
          {isShutOut && address !== '' ? <Callout tone="warn">{words.notIn}</Callout> : null}
        </div>
      </Section>
      <Section title={words.accountsTitle} intro={words.accountsIntro}>
        <div>
          <Link to="/c/$collection" params={{ collection: '_superusers' }} className={buttonClass()}>
            {words.accountsLink}
          </Link>
        </div>
      </Section>
      {asking ? (
        <ConfirmSheet
          title={words.confirm.title}
          cancel={words.confirm.cancel}
          act={address === '' ? words.confirm.actUnknown : words.confirm.act}
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            void save();
          }}
        >
          <p>{address === '' ? words.confirm.unknown : words.confirm.body(address)}</p>
          <p>{words.confirm.wayBack}</p>
          <CodeBlock label={words.commandLabel} code={words.command} />
        </ConfirmSheet>
      ) : null}
    </SettingsForm>
  );
};

/** Where superusers may sign in from. */
export const SuperusersPage = () => (
  <SettingsFrame title={words.title}>{(settings) => <SuperusersForm settings={settings} />}</SettingsFrame>
);
