import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';

const chromium = '/usr/bin/chromium';
if (!existsSync(chromium)) {
  throw new Error(`The browser tests need ${chromium}. Install the Debian package "chromium".`);
}

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/globalSetup.ts',
  // Each worker starts a server of its own, filled once.
  workers: 2,
  forbidOnly: true,
  reporter: [['list']],
  // Generous, because a machine that also compiles is slow; every wait ends as soon as its condition holds.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  projects: [
    { name: 'e2e', testMatch: /\.spec\.ts$/ },
    // Pictures of every page and state, for a person to look at.
    { name: 'screens', testMatch: /\.screens\.ts$/ },
  ],
  use: {
    launchOptions: { executablePath: chromium, args },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    trace: 'off',
    screenshot: 'only-on-failure',
  },
});
