/** Command lines as hints give them: words that a shell reads back as they were. Pure. */

/** A word as a POSIX shell takes it; quoted only where it has to be. */
export const word = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** A command to run as it stands: `commandLine("git", "-C", path, "status")`. */
export const commandLine = (...words: ReadonlyArray<string>): string => words.map(word).join(" ")
