import { expect, expectAccessible, test } from './fixtures';
import { Mailbox } from './mailbox';
import { ApiClient } from './seed';
import { Server, superuser } from './server';

// The whole way: a request to the server, a real mail, its link in a browser, and what the server does then.

const user = { email: 'bea@example.org', password: 'first-password' };

let server: Server;
let mailbox: Mailbox;
let api: ApiClient;

test.beforeEach(async () => {
  mailbox = await Mailbox.open();
  server = await Server.start({ withSuperuser: true });
  api = await ApiClient.signIn(server.apiUrl);
  await api.patch('settings', {
    meta: { appURL: server.dashboardUrl.replace(/\/_\/$/, '') },
    smtp: { enabled: true, host: '127.0.0.1', port: mailbox.port },
  });
  await api.post('collections/users/records', { ...user, passwordConfirm: user.password });
});

test.afterEach(async () => {
  await server.stop();
  await mailbox.close();
});

/** The link in the next mail to an address. */
const linkTo = async (address: string): Promise<string> => {
  const { body } = await mailbox.next(address);
  const link = /http:\/\/127\.0\.0\.1:\d+\/_\/#\/auth\/[\w-]+\/[\w.-]+/.exec(body)?.[0];
  if (link === undefined) throw new Error(`no link in the mail:\n${body}`);
  return link;
};

const signIn = (identity: string, password: string) =>
  api.post('collections/users/auth-with-password', { identity, password });

test('an address is confirmed, as often as the link is opened', async ({ page }) => {
  await api.post('collections/users/request-verification', { email: user.email });
  const link = await linkTo(user.email);
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'E-mail address confirmed' })).toBeFocused();
  expect(await signIn(user.email, user.password)).toMatchObject({ record: { verified: true } });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'E-mail address confirmed' })).toBeVisible();
});

test('a new password is set, once', async ({ page }) => {
  await api.post('collections/users/request-password-reset', { email: user.email });
  const link = await linkTo(user.email);
  await page.goto(link);
  await expect(page.getByText(`For ${user.email}`)).toBeVisible();
  const [password, again] = [
    page.getByLabel('New password', { exact: true }),
    page.getByLabel('New password again', { exact: true }),
  ];
  await password.fill('short');
  await again.fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('Use 8 to 255 characters.')).toBeVisible();
  await password.fill('second-password');
  await again.fill('second-password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'New password set' })).toBeFocused();
  await signIn(user.email, 'second-password');

  await page.reload();
  await password.fill('third-password');
  await again.fill('third-password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeFocused();
});

test('an address is changed with the password', async ({ page }) => {
  const { token } = await signIn(user.email, user.password);
  const newEmail = 'bea@new.example.org';
  await api.as(String(token)).post('collections/users/request-email-change', { newEmail });
  const link = await linkTo(newEmail);
  await page.goto(link);
  await expect(page.getByText(newEmail)).toBeVisible();
  await page.getByLabel('Current password', { exact: true }).fill('not-the-password');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This is not the password of the account.')).toBeVisible();
  await page.getByLabel('Current password', { exact: true }).fill(user.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'E-mail address changed' })).toBeFocused();
  await signIn(newEmail, user.password);
});

test('an address taken meanwhile is told', async ({ page }) => {
  const { token } = await signIn(user.email, user.password);
  const newEmail = 'bea@new.example.org';
  await api.as(String(token)).post('collections/users/request-email-change', { newEmail });
  const link = await linkTo(newEmail);
  await api.post('collections/users/records', {
    email: newEmail,
    password: 'a-long-password',
    passwordConfirm: 'a-long-password',
  });
  await page.goto(link);
  await page.getByLabel('Current password', { exact: true }).fill(user.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Another account uses this address' })).toBeFocused();
});

test('a superuser sets a new password and signs in with it', async ({ page }) => {
  await page.goto(`${server.dashboardUrl}#/login`);
  await page.getByLabel('E-mail').fill(superuser.email);
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await expect(page.getByLabel('E-mail')).toHaveValue(superuser.email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeFocused();
  await expectAccessible(page);

  await page.goto(await linkTo(superuser.email));
  await page.getByLabel('New password', { exact: true }).fill('another-password');
  await page.getByLabel('New password again', { exact: true }).fill('another-password');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(superuser.email);
  await page.getByLabel('Password', { exact: true }).fill('another-password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
});

test.describe('with a second factor', () => {
  test.beforeEach(async ({ page }) => {
    await api.patch('collections/_superusers', { otp: { enabled: true }, mfa: { enabled: true } });
    await page.goto(`${server.dashboardUrl}#/login`);
    await page.getByLabel('E-mail').fill(superuser.email);
    await page.getByLabel('Password', { exact: true }).fill(superuser.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Enter the one-time code' })).toBeVisible();
  });

  const codeOf = async (): Promise<string> => {
    const { body } = await mailbox.next(superuser.email);
    const code = /\b\d{8}\b/.exec(
      body
        .split(/\r\n\r\n/)
        .slice(1)
        .join(' '),
    )?.[0];
    if (code === undefined) throw new Error(`no code in the mail:\n${body}`);
    return code;
  };

  test('the code of the mail signs in', async ({ page }) => {
    const code = await codeOf();
    await expectAccessible(page);
    await page.getByLabel('One-time code').fill(code === '00000000' ? '11111111' : '00000000');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('The code is wrong or has run out');
    await page.getByLabel('One-time code').fill(code);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
  });

  test('a code sent again signs in', async ({ page }) => {
    await codeOf();
    await page.getByRole('button', { name: 'Send a new code' }).click();
    await page.getByLabel('One-time code').fill(await codeOf());
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
  });

  test('a code from the command line signs in', async ({ page }) => {
    const command = await server.command('superuser', 'otp', superuser.email);
    const [code, id] = [/\b\d{8}\b/.exec(command)?.[0], /\b[a-z0-9]{15}\b/.exec(command)?.[0]];
    await page.getByLabel('One-time code').fill(code ?? '');
    await page.getByText('I have a code from the command line').click();
    await expectAccessible(page);
    await page.getByLabel('Id of the code').fill(id ?? '');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
  });
});
