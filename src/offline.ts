/** Keeps the built page for use without a network; the development server is left alone. */
import { trustedScriptUrl } from './shared/trustedUrl';

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  addEventListener('load', () => {
    // Refused in private windows and by some policies, where the page works as well, online.
    navigator.serviceWorker.register(trustedScriptUrl('sw.js')).catch((cause: unknown) => {
      document.documentElement.dataset['offline'] = String(cause);
    });
  });
}
