import { confirm } from '@/api/confirm';
import { toApiError } from '@/api/error';
import { accountMessages } from '@/messages.account.en';
import { passwordField, reportAll, showForm, showOutcome } from './dom';
import { failureOf, type Failure } from './failure';
import type { Target } from './link';

const words = accountMessages.emailChange;

export const openEmailChange = (target: Target): void => {
  const password = passwordField('password', words.password, 'current-password', words.hint);

  const submit = async (): Promise<Failure | null> => {
    const secret = password.input.value;
    if (reportAll([[password, secret === '' ? words.missing : undefined]])) return null;
    try {
      await confirm.emailChange(target.collection, target.token, secret);
      showOutcome('ok', words.done);
      return null;
    } catch (error) {
      const answer = toApiError(error);
      const { token, password: refused } = answer.fields;
      if (token === undefined && refused) {
        reportAll([[password, words.wrong]]);
        password.input.select();
        return null;
      }
      const failure = failureOf(answer);
      const isTaken = token?.code === 'validation_invalid_token_email';
      if (failure === null) showOutcome('bad', isTaken ? words.taken : words.unusable);
      return failure;
    }
  };

  showForm({
    title: words.title,
    intro: target.email === null ? null : words.to(target.email),
    username: null,
    fields: [password],
    act: words.act,
    working: words.working,
    onSubmit: submit,
  });
};
