/** Does the task for each item, so many at a time, and returns the results in the order of the items. */
export async function atMost<T, R>(
  count: number,
  items: readonly T[],
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const rest = [...items.entries()]
  const work = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      results[next[0]] = await task(next[1])
    }
  }
  await Promise.all(Array.from({length: Math.min(count, items.length)}, work))
  return results
}
