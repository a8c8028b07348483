import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';
import { Symbols } from './Symbols';

it.each([
  ['', ''],
  ['w = 1', 'w = 1'],
  ['from p_K', 'from p<sub>K</sub>'],
  ['ρ = π_θ/π_old of the try', 'ρ = π<sub>θ</sub>/π<sub>old</sub> of the try'],
])('%j', (text, html) => {
  const place = document.createElement('p');
  const root = createRoot(place);
  flushSync(() => root.render(<Symbols text={text} />));
  expect(place.innerHTML).toBe(html);
  root.unmount();
});
