import { useState, type JSX } from 'react';
import { applyTheme, isDark } from '../theme';
import { Tip } from './Tip';

/** Light or dark; remembered. */
export function ThemeButton(): JSX.Element {
  const [dark, setDark] = useState(isDark);
  const toggle = (): void => {
    applyTheme(dark ? 'light' : 'dark');
    setDark(!dark);
  };
  return (
    <Tip text={dark ? 'Light colours' : 'Dark colours'}>
      <button
        type="button"
        className="button button-icon"
        aria-label={dark ? 'Use light colours' : 'Use dark colours'}
        onClick={toggle}
      >
        <span aria-hidden="true">{dark ? '☀' : '☾'}</span>
      </button>
    </Tip>
  );
}
