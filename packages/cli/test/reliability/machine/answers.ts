/** What an answer of calm must be on a sick machine: one clear line, a command that helps, the right exit code. */

/** What a command printed, and the code it ended with. */
export interface Answer {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** What only a programmer could read: stacks, SQL, codes of the system and of SQLite, our own types. */
const raw =
  /SQLITE_|\bE(?:NOSPC|ACCES|PERM|ROFS|IO|EXIST|NOENT|NOTDIR|ISDIR|BUSY|TXTBSY|INVAL)\b|^\s+at .+:\d+:\d+|\b(?:SELECT|INSERT INTO|UPDATE|PRAGMA)\b|\[object|undefined|\b\w*(?:Error|Exception):|unexpected way|"_tag"/m

/** What is in an answer that is not for people. */
export const unreadable = ({ stderr, stdout }: Answer): ReadonlyArray<string> =>
  raw.test(stderr + stdout) ? [`words that are not for people: ${(stderr + stdout).trim()}`] : []

/** What is wrong with a failure as it stands on stderr; nothing where all is clear. */
export const unclear = ({ exitCode, stderr, stdout }: Answer, codes: ReadonlyArray<number>): ReadonlyArray<string> => {
  const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("note: "))
  const [error = "", hint = ""] = lines
  return [
    ...(exitCode !== null && codes.includes(exitCode)
      ? []
      : [`exit code ${exitCode} instead of ${codes.join(" or ")}`]),
    ...(stdout === "" ? [] : ["a failure that prints to stdout"]),
    ...(/^error: \S.{8}/.test(error) ? [] : ["no line that says what is wrong"]),
    ...(/^hint: \S/.test(hint) && !/<\w+>/.test(hint) ? [] : ["no command that helps"]),
    ...(lines.length <= 2 ? [] : [`${lines.length} lines`])
  ]
    .map((fault) => `${fault}: ${stderr.trim()}`)
    .concat(unreadable({ exitCode, stderr, stdout: "" }))
}
