/** Paths that meet: one is the other, or a folder that it lies in. */

const bare = (path: string): string => path.replace(/\/$/, "")

/** Is one path the other, or a folder that it lies in? A slash at the end of one says no more than that it is a folder. */
export const meet = (a: string, b: string): boolean => {
  const [one, other] = [bare(a), bare(b)]
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}

/** The folders that a path lies in, the outermost first. */
export const foldersOf = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/")
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"))
}
