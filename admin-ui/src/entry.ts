// The first script of the page. It reads the fragment and loads one of two entries: the small pages that links in
// mails of the app open, or the dashboard.

/** Pages for the app's own users; everything else is the dashboard. */
const isAccountPage = (): boolean => window.location.hash.startsWith('#/auth/');

const accountPage = isAccountPage();

// A link pasted into a tab that shows the other entry changes the fragment alone and loads nothing by itself.
window.addEventListener('hashchange', () => {
  if (isAccountPage() !== accountPage) window.location.reload();
});

if (accountPage) void import('./accountPages').then(({ start }) => start());
else void import('./main');
