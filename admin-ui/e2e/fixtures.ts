import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { ApiClient, seed } from './seed';
import { Server, superuser } from './server';

type WorkerFixtures = {
  /** A filled server with a superuser, shared by the tests of a worker: they only read. */
  server: Server;
  api: ApiClient;
};

type Fixtures = {
  /** A page on the dashboard of `server`, signed in. */
  dashboard: Dashboard;
};

/** Opens routes of the dashboard. */
export class Dashboard {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  async open(route: string): Promise<void> {
    await this.page.goto(`${this.url}#${route}`);
  }
}

export const keepSession = async (page: Page, token: string): Promise<void> => {
  const session = JSON.stringify({ token, email: superuser.email });
  await page.addInitScript((value) => {
    localStorage.setItem('larder.session', value);
  }, session);
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- the tool reads the fixtures it needs from the pattern
    async ({}, provide) => {
      const server = await Server.start({ withSuperuser: true });
      try {
        await seed(server.apiUrl);
        await provide(server);
      } finally {
        await server.stop();
      }
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  api: [async ({ server }, provide) => provide(await ApiClient.signIn(server.apiUrl)), { scope: 'worker' }],
  dashboard: async ({ page, server, api }, provide) => {
    await keepSession(page, api.token);
    await provide(new Dashboard(page, server.dashboardUrl));
  },
});

export { expect };

/** Fails on anything axe finds, however small. */
export const expectAccessible = async (page: Page): Promise<void> => {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  expect(violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }))).toEqual([]);
};

export const sizes = {
  desktop: { width: 1400, height: 900 },
  tablet: { width: 800, height: 1000 },
  phone: { width: 390, height: 844 },
};

export const schemes = ['light', 'dark'] as const;
