import { useSyncExternalStore, type JSX } from 'react';
import { applyTheme, isDark, onThemeChange } from '../theme';
import { Tip } from './Tip';

/** Light or dark; remembered. */
export function ThemeButton(): JSX.Element {
  const dark = useSyncExternalStore(onThemeChange, isDark);
  return (
    <Tip text={dark ? 'Light colours' : 'Dark colours'}>
      <button
        type="button"
        className="button button-icon"
        aria-label={dark ? 'Use light colours' : 'Use dark colours'}
        onClick={() => applyTheme(dark ? 'light' : 'dark')}
      >
        <span aria-hidden="true">{dark ? '☀' : '☾'}</span>
      </button>
    </Tip>
  );
}
