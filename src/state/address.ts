import { encodeLink } from './shareUrl';
import type { PlaygroundState, PlaygroundStore } from './store';

/** Browsers refuse more than about 100 changes of the address in 30 s. */
const WRITE_DELAY_MS = 400;

/** The address that opens this configuration. */
export const linkTo = ({ config, preset, raceChoice, lesson }: Linked, page: Location): string =>
  `${page.origin}${page.pathname}#${encodeLink(config, preset, { race: raceChoice, lesson })}`;

type Linked = Pick<PlaygroundState, 'config' | 'preset' | 'raceChoice' | 'lesson'>;

/**
 * Opens the link in the address bar, then keeps the address naming the visitor's configuration.
 * Returns what ends that. Without a link, or with one of the page's own presets as it is, the first
 * groups are sampled at once; any other link waits for a click.
 */
export function bindAddress(store: PlaygroundStore, page: Window): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fragment = (): string => {
    const { own, config, preset, raceChoice: race, lesson, waitingLink } = store.getState();
    if (waitingLink) return waitingLink.fragment;
    const choice = own ?? { config, preset }; // a recording is no link
    return encodeLink(choice.config, choice.preset, { race, lesson });
  };
  const write = (): void => {
    const text = `#${fragment()}`;
    if (text !== page.location.hash) page.history.replaceState(null, '', text);
  };
  const open = (): void => {
    const text = page.location.hash.slice(1);
    const isUnderstood = !text || text === fragment() || store.getState().openLink(text);
    if (isUnderstood) write(); // what could not be used leaves the address, too
  };

  open();
  store.setState({ before: undefined }); // there is nothing before the link to go back to
  const { config, preset, waitingLink } = store.getState();
  if (!waitingLink && encodeLink(config, preset) === encodeLink(preset.config, preset)) {
    void store.getState().lookAhead();
  }
  const unsubscribe = store.subscribe((state, before) => {
    const isSame =
      state.config === before.config &&
      state.preset === before.preset &&
      state.raceChoice === before.raceChoice &&
      state.lesson === before.lesson;
    if (isSame && state.waitingLink === before.waitingLink) return;
    clearTimeout(timer);
    timer = setTimeout(write, WRITE_DELAY_MS);
  });
  page.addEventListener('hashchange', open);
  return () => {
    clearTimeout(timer);
    unsubscribe();
    page.removeEventListener('hashchange', open);
  };
}
