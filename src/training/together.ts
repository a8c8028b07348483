/** Waits for all; a failure stops the others, and what failed first is thrown once all have ended. */
export async function together(
  works: readonly Promise<void>[],
  stop: () => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    works.map((work) =>
      work.catch(async (failure: unknown) => {
        failures.push(failure);
        await stop();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
