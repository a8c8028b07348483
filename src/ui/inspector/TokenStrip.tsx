import type { JSX } from 'react';
import type { TokenView } from '../../state/rolloutViews';
import { fixed } from '../controls/numbers';

/** The tokens as the model sees them; those it chose carry their log-prob as a bar and a number. */
export function TokenStrip({ tokens }: { readonly tokens: readonly TokenView[] }): JSX.Element {
  return (
    <ol className="tokens" aria-label="Tokens; below each chosen one its log-prob in nats">
      {tokens.map((token, i) => (
        <li key={i} className="token" data-chosen={token.turn > 0 || undefined}>
          <code>{token.text}</code>
          {token.turn > 0 && (
            <>
              <span className="token-bar" aria-hidden="true">
                <span style={{ width: `${Math.exp(token.logp) * 100}%` }} />
              </span>
              <span className="token-logp">{fixed(token.logp, 2)}</span>
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
