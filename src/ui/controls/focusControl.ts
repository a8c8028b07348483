/** Focuses what a field is set with, for buttons that go when they are pressed. */
export const focusControl = (field: Element): void =>
  field.querySelector<HTMLElement>('input, [role="combobox"], [role="switch"]')?.focus();
