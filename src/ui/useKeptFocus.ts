import { useEffect } from 'react';

const STOPS = 'a[href], button, input, select, textarea, [tabindex="0"]';

const PATIENCE_MS = 150; // what takes a control's place and the focus may come some frames later

/**
 * Hands the keyboard on when what it was on leaves the page, to the stop after it, or else before it.
 * What places the focus by itself, as popups do, comes first; a pointer keeps no place.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: HTMLElement | undefined;
    let order: HTMLElement[] = [];

    const onFocus = ({ target }: FocusEvent): void => {
      const isStop = target instanceof HTMLElement && target.matches(`:is(${STOPS}):focus-visible`);
      last = isStop && target.closest('#root') ? target : undefined;
      order = last ? [...document.querySelectorAll<HTMLElement>(STOPS)] : [];
    };
    const onBlur = (): void => {
      const left = last;
      queueMicrotask(() => {
        if (left === last && left?.isConnected) last = undefined; // it was left, not lost
      });
    };
    const handOn = (): void => {
      if (!last || last.isConnected || document.activeElement !== document.body) return;
      const at = order.indexOf(last);
      last = undefined;
      const nearest = [...order.slice(at + 1), ...order.slice(0, at).toReversed()];
      nearest.find((stop) => stop.isConnected && stop.checkVisibility())?.focus();
    };
    const observer = new MutationObserver(() => {
      if (last && !last.isConnected) setTimeout(handOn, PATIENCE_MS);
    });

    document.addEventListener('focusin', onFocus);
    document.addEventListener('focusout', onBlur);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('focusout', onBlur);
      observer.disconnect();
    };
  }, []);
}
