import type { JSX } from 'react';
import type { TokenView } from '../../state/rolloutViews';
import { fixed } from '../controls/numbers';

interface TokenStripProps {
  readonly tokens: readonly TokenView[];
  readonly now: readonly number[] | undefined; // log-probs under the policy [N], as they are known
}

/**
 * The tokens as the model sees them; those it chose carry their log-prob as a bar and a number, when
 * they were sampled and now.
 */
export function TokenStrip({ tokens, now }: TokenStripProps): JSX.Element {
  return (
    <ol
      className="tokens"
      aria-label={`Tokens; below each chosen one its log-prob in nats${now ? ', when sampled and now' : ''}`}
    >
      {tokens.map((token, i) => (
        <li key={i} className="token" data-chosen={token.turn > 0 || undefined}>
          <code>{token.text}</code>
          {token.turn > 0 && (
            <>
              <Logp className="logp-sampled" value={token.logp} />
              {now && <Logp className="logp-now" value={now[i]!} />}
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

function Logp(props: { readonly className: string; readonly value: number }): JSX.Element {
  const share = Number.isNaN(props.value) ? 0 : Math.exp(props.value); // unknown in rows from elsewhere
  return (
    <span className={`token-logp ${props.className}`}>
      <span className="token-bar" aria-hidden="true">
        <span style={{ width: `${100 * share}%` }} />
      </span>
      {fixed(props.value, 2)}
    </span>
  );
}
