import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { session, type MailStatus, type Settings, type SettingsPatch } from '@/api';
import { collection } from '@/test/collections';
import { failure, mockNetwork, page, tokenFor, type Network, type Reply } from '@/test/network';
import { openDashboard } from '@/test/render';

const answer = { token: tokenFor(600), record: { id: 'ana', email: 'ana@example.org' } };

const stored: Settings = {
  superuserIPs: [],
  smtp: {
    enabled: true,
    host: 'smtp.example.org',
    port: 587,
    username: 'mailer',
    authMethod: '',
    tls: false,
    localName: '',
  },
  meta: {
    appName: 'Acme',
    appURL: 'http://localhost:8090',
    senderName: 'Support',
    senderAddress: 'support@example.org',
  },
  rateLimits: {
    enabled: true,
    rules: [
      { label: '*:auth', audience: '', duration: 3, maxRequests: 2 },
      { label: '/api/', audience: '@guest', duration: 10, maxRequests: 300 },
    ],
    excludedIPs: ['10.0.0.0/8'],
  },
};

const status: MailStatus = { transport: 'smtp', queued: 1, sent: 12, failed: 2, lastError: null };

const patchPath = 'PATCH /api/settings';
const network = (more: Network = {}): Network => ({
  'POST /api/collections/_superusers/auth-refresh': { json: answer },
  'GET /api/collections': {
    json: page([
      collection('orders', []),
      collection('users', [], { type: 'auth' }),
      collection('_superusers', [], { type: 'auth', system: true }),
    ]),
  },
  'GET /api/settings': { json: stored },
  'GET /api/settings/mail/status': { json: status },
  'GET /api/health': { json: { code: 200, message: '', data: { realIP: '203.0.113.7' } } },
  [patchPath]: ({ body }) => {
    const { smtp, meta, rateLimits, ...rest } = body as SettingsPatch;
    const shown = { ...smtp };
    delete shown.password;
    return {
      json: {
        ...stored,
        ...rest,
        smtp: { ...stored.smtp, ...shown },
        meta: { ...stored.meta, ...meta },
        rateLimits: { ...stored.rateLimits, ...rateLimits },
      },
    };
  },
  ...more,
});

const open = async (route: string, more: Network = {}) => {
  const calls = mockNetwork(network(more));
  const router = await openDashboard(route);
  const patches = () => calls.filter(({ method }) => method === 'PATCH').map(({ body }) => body);
  return { calls, router, patches };
};

const refusal = (data: object): Reply => ({ status: 400, json: failure(400, 'Raw words.', data) });
const save = () => userEvent.click(screen.getByRole('button', { name: 'Save' }));
const retype = async (field: HTMLElement, text: string) => {
  await userEvent.clear(field);
  if (text) await userEvent.type(field, text);
};

beforeEach(() => session.start(answer));

describe('the settings', () => {
  test('open at the mail page and are found in the navigation', async () => {
    const { router } = await open('/c');
    await userEvent.click(await screen.findByRole('link', { name: 'Settings' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/mail'));
    expect(await screen.findByRole('heading', { level: 1, name: /Mail, settings/ })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('link', { name: 'Limits' }));
    expect(await screen.findByRole('heading', { level: 1, name: /Limits, settings/ })).toBeInTheDocument();
  });

  test('say that they cannot be read', async () => {
    await open('/settings/mail', { 'GET /api/settings': { status: 403, json: failure(403) } });
    expect(await screen.findByRole('heading', { name: 'The server refused this' })).toBeInTheDocument();
  });

  test('lead to the sign-in and back when nobody is signed in', async () => {
    session.end();
    const { router } = await open('/settings/limits');
    expect(router.state.location.href).toBe('/login?next=%2Fsettings%2Flimits');
  });

  test('ask before changes are left behind', async () => {
    const { router } = await open('/settings/mail');
    await userEvent.type(await screen.findByLabelText('Host'), 'x');
    await userEvent.click(screen.getByRole('link', { name: 'Limits' }));
    await screen.findByText('1 change on this page has not been saved.');
    const [keep, discard] = ['Keep editing', 'Discard 1 change'];
    await userEvent.click(screen.getByText(keep));
    expect(router.state.location.pathname).toBe('/settings/mail');
    expect(screen.getByLabelText('Host')).toHaveValue('smtp.example.orgx');
    await userEvent.click(screen.getByRole('link', { name: 'Limits' }));
    await userEvent.click(await screen.findByText(discard));
    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/limits'));
  });
});

describe('mail', () => {
  test('sends what was changed alone, and nothing is left to save', async () => {
    const { patches } = await open('/settings/mail');
    await retype(await screen.findByLabelText('Host'), ' mail.example.org ');
    await retype(screen.getByLabelText('Port'), '465');
    await userEvent.click(screen.getByLabelText('TLS from the start'));
    await retype(screen.getByLabelText('Name of the sender'), 'Shop');
    expect(screen.getByText('4 changes')).toBeInTheDocument();
    await save();
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument());
    expect(patches()).toEqual([
      { smtp: { host: 'mail.example.org', port: 465, tls: true }, meta: { senderName: 'Shop' } },
    ]);
  });

  test('undoes', async () => {
    await open('/settings/mail');
    await retype(await screen.findByLabelText('Host'), 'x');
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(screen.getByLabelText('Host')).toHaveValue('smtp.example.org');
    expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  });

  test('keeps, replaces or removes the stored password, and never shows it', async () => {
    const { patches } = await open('/settings/mail');
    await userEvent.click(await screen.findByRole('button', { name: /^Replace the password/ }));
    expect(screen.getByLabelText('New password of the mail server')).toHaveValue('');
    await userEvent.click(screen.getByRole('button', { name: 'Keep the stored one' }));
    expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /^Replace the password/ }));
    await userEvent.type(screen.getByLabelText('New password of the mail server'), ' secret ');
    await save();
    await waitFor(() => expect(screen.getByText('Set. Never shown')).toBeInTheDocument());
    await userEvent.click(screen.getByRole('button', { name: /^Replace the password/ }));
    await save();
    await waitFor(() => expect(patches()).toHaveLength(2));
    expect(patches()).toEqual([
      { smtp: { password: ' secret ' }, meta: {} },
      { smtp: { password: '' }, meta: {} },
    ]);
  });

  test('tells at the fields what is wrong', async () => {
    await open('/settings/mail', {
      [patchPath]: refusal({
        smtp: { host: { code: 'validation_is_host', message: 'Raw words.' } },
        meta: { senderAddress: { code: 'validation_is_email', message: 'Raw words.' } },
      }),
    });
    await retype(await screen.findByLabelText('Host'), 'a..b');
    await save();
    await waitFor(() =>
      expect(screen.getByLabelText('Host')).toHaveAccessibleDescription(/Use a host name or an address/),
    );
    expect(screen.getByLabelText('Host')).toHaveFocus();
    expect(screen.getByLabelText('Address of the sender')).toHaveAccessibleDescription(
      /Use an e-mail address/,
    );
    expect(screen.getByRole('alert')).toHaveTextContent(/Nothing was saved: 2 settings are not right/);
  });

  test('does not send a port that is none', async () => {
    const { patches } = await open('/settings/mail');
    await retype(await screen.findByLabelText('Port'), '58x');
    await save();
    expect(screen.getByLabelText('Port')).toHaveAccessibleDescription('Use a number from 1 to 65535.');
    expect(screen.getByLabelText('Port')).toHaveFocus();
    expect(patches()).toEqual([]);
  });

  test('shows only the switch while it is off', async () => {
    await open('/settings/mail', {
      'GET /api/settings': { json: { ...stored, smtp: { ...stored.smtp, enabled: false } } },
    });
    const toggle = await screen.findByRole('switch', { name: /Send mails/ });
    expect(screen.queryByLabelText('Host')).not.toBeInTheDocument();
    await userEvent.click(toggle);
    expect(screen.getByLabelText('Host')).toBeInTheDocument();
  });

  test('tells how sending goes', async () => {
    await open('/settings/mail', {
      'GET /api/settings/mail/status': {
        json: {
          ...status,
          transport: 'none',
          lastError: { time: '2026-01-01 10:00:00.000Z', message: 'smtp.example.org: refused' },
        },
      },
    });
    expect(await screen.findByText(/no mail server is switched on/)).toBeInTheDocument();
    expect(screen.getByText('12')).toBeInTheDocument();
    expect(screen.getByText(/Latest failure, .*: smtp.example.org: refused/)).toBeInTheDocument();
  });

  test('says nothing of it where the server does not tell', async () => {
    await open('/settings/mail', { 'GET /api/settings/mail/status': { status: 404, json: failure(404) } });
    await screen.findByLabelText('Host');
    expect(screen.queryByText('Waiting')).not.toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  test('sends a test mail and tells what the mail server says', async () => {
    const replies: Reply[] = [
      { status: 400, json: failure(400, 'The test mail was not sent: relay.example.org: no answer.') },
      refusal({ email: { code: 'validation_is_email', message: 'Raw.' } }),
      { status: 204 },
    ];
    const { calls } = await open('/settings/mail', {
      'POST /api/settings/test/email': () => replies.shift(),
    });
    await userEvent.selectOptions(await screen.findByLabelText('Which mail'), 'One-time code');
    await waitFor(() => expect(screen.getByLabelText('Template of')).toHaveValue('users'));
    const send = () => userEvent.click(screen.getByRole('button', { name: 'Send a test mail' }));
    await send();
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The mail was not sent.What the server says: relay.example.org: no answer.',
    );
    await send();
    await waitFor(() => expect(screen.getByLabelText('To')).toHaveAccessibleDescription(/Use an e-mail/));
    await send();
    expect(await screen.findByText(/took the mail to ana@example.org/)).toBeInTheDocument();
    expect(calls.findLast(({ path }) => path.endsWith('test/email'))?.body).toEqual({
      email: 'ana@example.org',
      template: 'otp',
      collection: 'users',
    });
    await retype(screen.getByLabelText('To'), '');
    await send();
    expect(screen.getByLabelText('To')).toHaveAccessibleDescription('Enter the address the mail goes to.');
  });
});

describe('limits', () => {
  const rule = (number: number) => within(screen.getByRole('group', { name: `Rule ${number}` }));

  test('are changed, added, moved and removed', async () => {
    const { patches } = await open('/settings/limits');
    await screen.findByRole('group', { name: 'Rule 2' });
    expect(rule(1).getByLabelText('Requests')).toHaveAccessibleDescription(/^Sign-ins/);
    await retype(rule(1).getByLabelText('At most'), '5');
    await userEvent.click(screen.getByRole('button', { name: 'Add a rule' }));
    expect(rule(3).getByLabelText('Requests')).toHaveFocus();
    await userEvent.type(rule(3).getByLabelText('Requests'), 'users:list');
    await userEvent.selectOptions(rule(3).getByLabelText('From'), 'Signed in');
    await userEvent.type(rule(3).getByLabelText('At most'), '9');
    await userEvent.type(rule(3).getByLabelText('In seconds'), '60');
    await userEvent.click(screen.getByRole('button', { name: 'Move rule 3 up' }));
    expect(screen.getByRole('button', { name: 'Move rule 2 up' })).toHaveFocus();
    await userEvent.click(screen.getByRole('button', { name: 'Remove rule 3' }));
    expect(screen.getByRole('button', { name: 'Add a rule' })).toHaveFocus();
    await save();
    await waitFor(() =>
      expect(patches()).toEqual([
        {
          rateLimits: {
            rules: [
              { label: '*:auth', audience: '', duration: 3, maxRequests: 5 },
              { label: 'users:list', audience: '@auth', duration: 60, maxRequests: 9 },
            ],
          },
        },
      ]),
    );
  });

  test('tell at the fields what is wrong, before and after asking the server', async () => {
    const { patches } = await open('/settings/limits', {
      [patchPath]: refusal({
        rateLimits: {
          rules: { 1: { label: { code: 'validation_conflicting_rate_limit_rule', message: 'Raw.' } } },
          excludedIPs: { 1: { code: 'validation_invlaid_ip_or_subnet', message: 'Raw.' } },
        },
      }),
    });
    await screen.findByRole('group', { name: 'Rule 2' });
    await retype(rule(2).getByLabelText('At most'), 'many');
    await save();
    expect(rule(2).getByLabelText('At most')).toHaveAccessibleDescription('Use a whole number.');
    expect(patches()).toEqual([]);
    await retype(rule(2).getByLabelText('At most'), '7');
    await userEvent.type(screen.getByLabelText('Addresses'), '\nfar away');
    await save();
    await waitFor(() =>
      expect(rule(2).getByLabelText('Requests')).toHaveAccessibleDescription(/Another rule is about/),
    );
    expect(screen.getByLabelText('Addresses')).toHaveAccessibleDescription(
      '“far away” is neither an address nor a network.',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Remove rule 1' }));
    expect(screen.queryByText(/Another rule is about/)).not.toBeInTheDocument();
  });

  test('can be switched off', async () => {
    const { patches } = await open('/settings/limits');
    await userEvent.click(await screen.findByRole('switch', { name: /Limit how often/ }));
    await save();
    await waitFor(() => expect(patches()).toEqual([{ rateLimits: { enabled: false } }]));
  });
});

describe('addresses of superusers', () => {
  const field = () => screen.findByLabelText('Allowed addresses');

  test('that hold the own one are saved at once', async () => {
    const { patches } = await open('/settings/superusers');
    await userEvent.type(await field(), '203.0.113.0/24\n::1');
    await screen.findByText('The server sees you at 203.0.113.7.');
    await save();
    await waitFor(() => expect(patches()).toEqual([{ superuserIPs: ['203.0.113.0/24', '::1'] }]));
  });

  test('without the own one are saved after a confirmation that says what happens', async () => {
    const { patches } = await open('/settings/superusers');
    await userEvent.type(await field(), '10.0.0.0/8');
    expect(await screen.findByText(/Saving it shuts you out/)).toBeInTheDocument();
    await save();
    expect(screen.getByText(/Your address, 203.0.113.7, is not in the list/)).toBeInTheDocument();
    expect(screen.getByText('larder superuser ips')).toBeInTheDocument();
    expect(screen.getByText('Cancel')).toHaveFocus();
    await userEvent.click(screen.getByText('Cancel'));
    expect(patches()).toEqual([]);
    await save();
    await userEvent.click(screen.getByText('Save and shut me out'));
    await waitFor(() => expect(patches()).toEqual([{ superuserIPs: ['10.0.0.0/8'] }]));
  });

  test('get the own one with a press', async () => {
    const { patches } = await open('/settings/superusers');
    await userEvent.type(await field(), '10.0.0.0/8');
    await userEvent.click(await screen.findByRole('button', { name: 'Add my address' }));
    await save();
    await waitFor(() => expect(patches()).toEqual([{ superuserIPs: ['10.0.0.0/8', '203.0.113.7'] }]));
  });

  test('are always confirmed where the own one is not known', async () => {
    const { patches } = await open('/settings/superusers', {
      'GET /api/health': { json: { code: 200, message: '', data: {} } },
    });
    await userEvent.type(await field(), '203.0.113.7');
    await save();
    expect(screen.getByText(/Your own address is not known here/)).toBeInTheDocument();
    await userEvent.click(screen.getByText('Save the list'));
    await waitFor(() => expect(patches()).toEqual([{ superuserIPs: ['203.0.113.7'] }]));
  });

  test('that are none are told', async () => {
    await open('/settings/superusers', {
      [patchPath]: refusal({
        superuserIPs: {
          0: { code: 'validation_invlaid_ip_or_subnet', message: 'Raw.' },
          2: { code: 'validation_invlaid_ip_or_subnet', message: 'Raw.' },
        },
      }),
    });
    await userEvent.type(await field(), 'x\n203.0.113.7\ny');
    await save();
    await waitFor(async () =>
      expect(await field()).toHaveAccessibleDescription('These are neither addresses nor networks: x, y.'),
    );
    expect(await field()).toHaveFocus();
  });
});
