import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { bindAddress } from './state/address';
import { PlaygroundContext } from './state/hooks';
import { createPlayground } from './state/store';
import { App } from './ui/App';
import { applyTheme, currentTheme } from './ui/theme';
import { openPlayground } from './workers/playgroundClient';
import { loadRecording } from './workers/recordedClient';
import './ui/styles.css';

applyTheme(currentTheme());
const store = createPlayground(openPlayground, loadRecording);
bindAddress(store, window);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <PlaygroundContext value={store}>
      <App />
    </PlaygroundContext>
  </StrictMode>,
);
