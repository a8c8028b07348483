/** Shapes of points, as SVG paths in units of their radius: the same on a canvas and in the page. */
const SHAPES = {
  circle: 'M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z',
  square: 'M-.9-.9H.9V.9H-.9Z',
  triangle: 'M0-1.25L1.15.85H-1.15Z',
  diamond: 'M0-1.3L1.3 0L0 1.3L-1.3 0Z',
  cross: 'M-.4-1.2H.4V-.4H1.2V.4H.4V1.2H-.4V.4H-1.2V-.4H-.4Z',
  wedge: 'M0 1.25L1.15-.85H-1.15Z',
  ring: 'M1.2 0A1.2 1.2 0 1 1-1.2 0A1.2 1.2 0 1 1 1.2 0ZM.55 0A.55 .55 0 1 0-.55 0A.55 .55 0 1 0 .55 0Z',
} as const;
export type Marker = keyof typeof SHAPES;

export const MARKERS = Object.keys(SHAPES) as readonly Marker[];

export const markerPath = (marker: Marker = 'circle'): string => SHAPES[marker];

/** Fills a point, in pixels. */
export function fillMarker(
  context: CanvasRenderingContext2D,
  marker: Marker | undefined,
  { x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number },
): void {
  context.save();
  context.translate(x, y);
  context.scale(radius, radius);
  context.fill(shapeOf(marker));
  context.restore();
}

const shapeOf = (marker: Marker | undefined): Path2D => new Path2D(markerPath(marker));
