import { transferHandlers } from 'comlink';
import { PlaygroundError, type ErrorCode, type ErrorFacts } from '../shared/errors';

interface WirePlaygroundError {
  readonly playground?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly facts: ErrorFacts;
  };
}

let isCarried = false;

/**
 * Comlink keeps only the name, message and stack of what was thrown. Called on both sides of a
 * boundary, this lets a PlaygroundError arrive as one, code and facts included.
 */
export function carryPlaygroundErrors(): void {
  if (isCarried) return;
  isCarried = true;
  const stock = transferHandlers.get('throw')!;
  transferHandlers.set('throw', {
    canHandle: stock.canHandle,
    serialize(thrown: unknown) {
      const { value } = thrown as { value: unknown };
      if (!(value instanceof PlaygroundError)) return stock.serialize(thrown);
      const { code, message, facts } = value;
      return [{ playground: { code, message, facts } }, []];
    },
    deserialize(wire: unknown) {
      const { playground } = wire as WirePlaygroundError;
      if (!playground) return stock.deserialize(wire);
      throw new PlaygroundError(playground.code, playground.message, playground.facts);
    },
  });
}
