/** Light, dark, or as the system says; the choice is remembered. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'theme';
const listeners = new Set<() => void>();
const systemDark = matchMedia('(prefers-color-scheme: dark)');
systemDark.addEventListener('change', notify);

function notify(): void {
  for (const listener of listeners) listener();
}

/** Storage may be refused in private windows; then the choice lasts as long as the page. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The remembered choice. */
export function currentTheme(): Theme {
  const value = document.documentElement.dataset['theme'] ?? stored();
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Applies the choice to the page and remembers it. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // not remembered: see stored()
  }
  notify();
}

/** Whether the page is dark now. */
export const isDark = (): boolean =>
  currentTheme() === 'dark' || (currentTheme() === 'system' && systemDark.matches);

/** Calls the listener after the page's colours changed; returns what ends that. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
