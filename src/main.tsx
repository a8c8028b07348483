import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { bindAddress } from './state/address';
import { PlaygroundContext, TheoryContext } from './state/hooks';
import { createPlayground } from './state/store';
import { createTheory } from './state/theoryStore';
import { App } from './ui/App';
import { applyTheme, currentTheme } from './ui/theme';
import { openPlayground } from './workers/playgroundClient';
import { loadRecording } from './workers/recordedClient';
import { openTheory } from './workers/theoryClient';
import './ui/styles.css';

applyTheme(currentTheme());
const store = createPlayground(
  openPlayground,
  loadRecording,
  () => localStorage,
  () => sessionStorage,
);
bindAddress(store, window);
const theory = createTheory(openTheory);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <PlaygroundContext value={store}>
      <TheoryContext value={theory}>
        <App />
      </TheoryContext>
    </PlaygroundContext>
  </StrictMode>,
);
