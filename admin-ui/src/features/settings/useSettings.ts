import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, keys, type MailTemplate, type SettingsPatch } from '@/api';

/** The stored settings. They are read anew whenever a page of them opens: someone else may have changed them. */
export const useSettings = () =>
  useQuery({
    queryKey: keys.settings(),
    queryFn: ({ signal }) => api.settings.get({ signal }),
    // A page that is being filled in does not change under the hand.
    refetchOnWindowFocus: false,
  });

export const useChangeSettings = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (patch: SettingsPatch) => api.settings.change(patch),
    onSuccess: (settings) => {
      client.setQueryData(keys.settings(), settings);
      void client.invalidateQueries({ queryKey: keys.mailStatus() });
      void client.invalidateQueries({ queryKey: keys.ownAddress() });
    },
  });
};

/** How sending mails goes; null where the server does not tell. */
export const useMailStatus = () =>
  useQuery({ queryKey: keys.mailStatus(), queryFn: ({ signal }) => api.settings.mailStatus({ signal }) });

export const useTestMail = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (mail: { email: string; template: MailTemplate; collection: string }) =>
      api.settings.testMail(mail.email, mail.template, mail.collection),
    onSettled: () => client.invalidateQueries({ queryKey: keys.mailStatus() }),
  });
};

/** The address the server sees this browser at; empty when it does not say. */
export const useOwnAddress = () =>
  useQuery({ queryKey: keys.ownAddress(), queryFn: ({ signal }) => api.ownAddress({ signal }) });
