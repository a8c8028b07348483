import { Component, type ReactNode } from 'react';
import { PlaygroundError } from '../../shared/errors';
import { Failure } from './Failure';

interface BoundaryProps {
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly error: PlaygroundError | undefined;
}

/** Keeps a fault in one part of the page from taking the rest with it. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override readonly state: BoundaryState = { error: undefined };

  static getDerivedStateFromError(cause: unknown): BoundaryState {
    return { error: PlaygroundError.from(cause) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <Failure error={error} onDismiss={() => this.setState({ error: undefined })} />;
  }
}
