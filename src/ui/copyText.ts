/** Puts text on the clipboard; rejects where that is refused, or where the page has none (plain http). */
export const copyText = async (text: string): Promise<void> => navigator.clipboard.writeText(text);
