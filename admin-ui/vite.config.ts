import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const apiServer = process.env.LARDER_API ?? 'http://127.0.0.1:8090';

export default defineConfig({
  // Relative, because the server serves this under `/_/` and a proxy may put anything before that.
  base: './',
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    // The first browsers with `light-dark()` and `oklch()`, so that the tokens are shipped as written.
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // An inlined asset would be a `data:` URL, which the content security policy refuses for scripts and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/api': apiServer } },
  preview: { host: '127.0.0.1', proxy: { '/api': apiServer } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    env: { DEBUG_PRINT_LIMIT: '2000' },
  },
});
