import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import type { JSX } from 'react';
import { RolloutColumn } from './columns/RolloutColumn';
import { TrainingColumn } from './columns/TrainingColumn';
import { WeightsColumn } from './columns/WeightsColumn';
import { Header } from './header/Header';
import { Inspector } from './inspector/Inspector';
import { Shown } from './lesson/Shown';
import { Panels } from './panels/Panels';
import { RaceCard } from './race/RaceCard';
import { Results } from './results/Results';
import { Story } from './Story';
import { Talk } from './talk/Talk';
import { TheoryCard } from './theory/TheoryCard';
import { useKeptFocus } from './useKeptFocus';

/** The page: the method's three boxes as columns, what came of it, and a conversation. */
export function App(): JSX.Element {
  useKeptFocus();
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={400}>
        <a className="skip" href="#main" onClick={skipToMain}>
          Skip to the experiment
        </a>
        <Header />
        <main id="main" tabIndex={-1}>
          <Panels />
          <Story />
          <div className="columns">
            <RolloutColumn />
            <Inspector />
            <WeightsColumn />
            <TrainingColumn />
          </div>
          <Results />
          <Shown part="race">
            <RaceCard />
          </Shown>
          <Shown part="theory">
            <TheoryCard />
          </Shown>
          <Shown part="talk">
            <Talk />
          </Shown>
        </main>
      </Tooltip.Provider>
    </CSPProvider>
  );
}

/** The address's fragment is the configuration, so the link moves the focus by itself. */
function skipToMain(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
