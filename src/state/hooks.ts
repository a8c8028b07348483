import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { PlaygroundState, PlaygroundStore } from './store';
import type { TheoryState, TheoryStore } from './theoryStore';

/** The page's store; provided once, by main.tsx. */
export const PlaygroundContext = createContext<PlaygroundStore | undefined>(undefined);

function usePlaygroundStore(): PlaygroundStore {
  const store = useContext(PlaygroundContext);
  if (!store) throw new Error('PlaygroundContext is missing above this component.');
  return store;
}

/** What the selector picks, kept current. Select single values: a fresh object would draw for ever. */
export const usePlayground = <T>(select: (state: PlaygroundState) => T): T =>
  useStore(usePlaygroundStore(), select);

/** The state with its actions, for event handlers; does not draw again when it changes. */
export const useActions = (): (() => PlaygroundState) => usePlaygroundStore().getState;

/** The store of the theory card; provided once, by main.tsx. */
export const TheoryContext = createContext<TheoryStore | undefined>(undefined);

/** Everything that the theory card knows, with its actions. */
export function useTheory(): TheoryState {
  const store = useContext(TheoryContext);
  if (!store) throw new Error('TheoryContext is missing above this component.');
  return useStore(store);
}
