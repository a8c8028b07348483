import { PlaygroundError } from './errors';

interface UrlPolicy {
  createScriptURL(url: string): string;
}

const sameOrigin: UrlPolicy = {
  createScriptURL(url) {
    const { origin, href } = new URL(url, location.href);
    if (origin === location.origin) return href;
    throw new PlaygroundError('bug', `A script from ${origin} was refused.`, { url });
  },
};

/** Not in TypeScript's libraries; absent in older browsers, which then check nothing themselves. */
const { trustedTypes } = globalThis as {
  trustedTypes?: { createPolicy(name: string, rules: UrlPolicy): UrlPolicy };
};

/** The only policy that the page's content security policy admits: scripts of this origin. */
const policy = trustedTypes?.createPolicy('app-worker', sameOrigin) ?? sameOrigin;

/**
 * Makes a URL that a worker may be started from. Typed as the string it stands for: a browser with
 * Trusted Types gets an object that only such constructors take.
 *
 * Vite builds the worker where its address is imported: `import url from './x.worker.ts?worker&url'`.
 */
export function trustedScriptUrl(url: string): string {
  return policy.createScriptURL(url);
}
