import { confirm } from '@/api/confirm';
import { toApiError, type FieldError } from '@/api/error';
import { accountMessages } from '@/messages.account.en';
import { element, passwordField, reportAll, showForm, showOutcome } from './dom';
import { failureOf, type Failure } from './failure';
import type { Target } from './link';

const words = accountMessages.passwordReset;

/** What is wrong with a password, in our words; the server's codes are the contract. */
export const passwordProblem = ({ code, params: { min, max } }: FieldError): string => {
  if (code === 'validation_required') return words.missing;
  const isRange = code === 'validation_length_out_of_range';
  if (isRange && typeof min === 'number' && typeof max === 'number') return words.length(min, max);
  if (code === 'validation_min_text_constraint' && typeof min === 'number') return words.tooShort(min);
  if (code === 'validation_max_text_constraint' && typeof max === 'number') return words.tooLong(max);
  return words.notAccepted;
};

const showDone = ({ isSuperuser }: Target) => {
  if (!isSuperuser) {
    showOutcome('ok', words.done);
    return;
  }
  const signIn = element('a', { class: 'button accent', href: '#/login' }, words.doneSuperuser.act);
  showOutcome('ok', { title: words.done.title, body: words.doneSuperuser.body, act: signIn });
};

export const openPasswordReset = (target: Target): void => {
  const password = passwordField('password', words.password, 'new-password');
  const again = passwordField('passwordConfirm', words.again, 'new-password');

  const submit = async (): Promise<Failure | null> => {
    const [secret, repeated] = [password.input.value, again.input.value];
    const differ = repeated === '' ? words.againMissing : secret === repeated ? undefined : words.differ;
    const isIncomplete = reportAll([
      [password, secret === '' ? words.missing : undefined],
      [again, secret === '' ? undefined : differ],
    ]);
    if (isIncomplete) return null;
    try {
      await confirm.passwordReset(target.collection, target.token, secret, repeated);
      showDone(target);
      return null;
    } catch (error) {
      const answer = toApiError(error);
      const { token, password: refused, passwordConfirm } = answer.fields;
      const isTold =
        token === undefined &&
        reportAll([
          [password, refused && passwordProblem(refused)],
          [again, passwordConfirm && words.differ],
        ]);
      const failure = failureOf(answer);
      if (!isTold && failure === null) showOutcome('bad', words.unusable);
      return failure;
    }
  };

  showForm({
    title: words.title,
    intro: target.email === null ? null : words.account(target.email),
    username: target.email,
    fields: [password, again],
    act: words.act,
    working: words.working,
    onSubmit: submit,
  });
};
