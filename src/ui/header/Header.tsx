import type { JSX } from 'react';
import { PRESETS } from '../../config/presets';
import { useActions, usePlayground } from '../../state/hooks';
import { Choice } from '../controls/Choice';
import { Shown } from '../lesson/Shown';
import { RunControls } from './RunControls';
import { RunDetails } from './RunDetails';
import { ShareButton } from './ShareButton';
import { SpeedControl } from './SpeedControl';
import { StatusLine } from './StatusLine';
import { ThemeButton } from './ThemeButton';

const OPTIONS = PRESETS.map(({ name, title, story }) => ({
  value: name,
  label: title,
  hint: story,
}));

/** What runs, how far it is, and everything that acts on the whole page. */
export function Header(): JSX.Element {
  const preset = usePlayground((s) => s.preset.name);
  const act = useActions();
  return (
    <header className="header">
      <div className="header-row">
        <h1>
          <b>DRIFT</b> Playground
        </h1>
        <Shown part="preset">
          <Choice
            label="Preset"
            className="preset"
            value={preset}
            options={OPTIONS}
            onChange={(name) => act().choosePreset(name)}
          />
        </Shown>
        <RunControls />
        <SpeedControl />
        <span className="spacer" />
        <RunDetails />
        <ShareButton />
        <ThemeButton />
      </div>
      <StatusLine />
    </header>
  );
}
