/**
 * Reading how many tests ran from what a test runner prints, line by line. Every runner is known by the exact form of
 * its closing lines, so that a test which merely prints "1 failing" is not mistaken for one.
 */

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} other ran, but neither passed nor failed: expected failures
 *
 * @typedef {(line: string) => Partial<Counts> | null} Reader gives counts once a closing form is complete
 */

/** @param {string} text */
export const plain = (text) =>
  text.replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, "").replace(/\r$/, "")

/** @type {Record<string, keyof Counts>} */
const words = {
  passed: "passed",
  pass: "passed",
  passing: "passed",
  failed: "failed",
  fail: "failed",
  failing: "failed",
  failures: "failed",
  cancelled: "failed",
  error: "failed",
  errors: "failed",
  skipped: "skipped",
  ignored: "skipped",
  pending: "skipped",
  todo: "skipped",
  xfailed: "other",
  xpassed: "other",
  "expected failures": "other",
  "unexpected successes": "failed",
  "expected fail": "other"
}

/** "1 failed, 3 passed" as counts; `null` where a piece is not "number word". @param {string} text @param {RegExp} between */
const listed = (text, between) => {
  /** @type {Partial<Counts>} */
  const counts = {}
  for (const piece of text.split(between)) {
    const [, number, word] = /^(\d+) ([a-z][a-z ]*)$/.exec(piece.trim()) ?? []
    if (word === undefined) return null
    const key = words[word]
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + Number(number)
  }
  return counts
}

/** @param {RegExp} form @param {(match: RegExpExecArray) => Partial<Counts> | null} read @returns {() => Reader} */
const line = (form, read) => () => (text) => {
  const match = form.exec(text)
  return match === null ? null : read(match)
}

/**
 * Lines that belong together: one that opens, then others directly below it, `least` of them at least.
 * @param {RegExp} opening @param {RegExp} next @param {number} least
 * @param {(word: string, number: number) => Partial<Counts>} read
 * @returns {() => Reader}
 */
const block = (opening, next, least, read) => () => {
  /** @type {{ counts: Partial<Counts>, lines: number } | null} */
  let open = null
  const entry = (/** @type {RegExpExecArray} */ match) =>
    read(match.groups?.["word"] ?? "", Number(match.groups?.["n"]))
  return (text) => {
    const first = opening.exec(text)
    const more = first === null && open !== null ? next.exec(text) : null
    if (more !== null && open !== null) {
      open = { counts: added(open.counts, entry(more)), lines: open.lines + 1 }
      return null
    }
    const closed = open
    open = first === null ? null : { counts: entry(first), lines: 0 }
    return closed !== null && closed.lines >= least ? closed.counts : null
  }
}

/** @param {Partial<Counts>} left @param {Partial<Counts>} right @returns {Counts} */
const added = (left, right) => ({
  passed: (left.passed ?? 0) + (right.passed ?? 0),
  failed: (left.failed ?? 0) + (right.failed ?? 0),
  skipped: (left.skipped ?? 0) + (right.skipped ?? 0),
  other: (left.other ?? 0) + (right.other ?? 0)
})

/** @param {string} word @param {number} number @returns {Partial<Counts>} */
const worded = (word, number) => {
  const key = words[word]
  return key === undefined ? {} : { [key]: number }
}

const unittest = () => {
  let ran = -1
  return (/** @type {string} */ text) => {
    const start = /^Ran (\d+) tests? in [\d.]+s$/.exec(text)
    if (start !== null) ran = Number(start[1])
    if (start !== null || ran < 0 || text === "") return null
    const end = /^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$/.exec(text)
    const total = ran
    ran = -1
    if (end === null) return null
    const rest = end[1] ? listed(end[1].replace(/([a-z][a-z ]*)=(\d+)/g, "$2 $1"), /, /) : {}
    const counts = added(rest ?? {}, {})
    return { ...counts, passed: Math.max(0, total - counts.failed - counts.skipped - counts.other) }
  }
}

const goEvents = () => (/** @type {string} */ text) => {
  const event = goEvent(text)
  return event === null || event.Test === undefined
    ? null
    : worded({ skip: "skipped" }[event.Action] ?? event.Action, 1)
}

/**
 * One event of `go test -json`.
 * @param {string} text @returns {{ Action: string, Test?: string, Output?: string } | null}
 */
export const goEvent = (text) => {
  if (!text.startsWith("{") || !text.includes('"Action"')) return null
  try {
    const event = JSON.parse(text)
    return typeof event.Action === "string" && ("Package" in event || "ImportPath" in event) ? event : null
  } catch {
    return null
  }
}

/** @type {ReadonlyArray<readonly [string, () => Reader]>} */
const runners = [
  [
    "node:test",
    block(
      /^(?:#|ℹ) (?<word>tests) +(?<n>\d+)$/,
      /^(?:#|ℹ) (?<word>suites|pass|fail|cancelled|skipped|todo|duration_ms) +(?<n>[\d.]+)$/,
      1,
      worded
    )
  ],
  [
    "vitest",
    line(/^\s*Tests {2,}(.+?)(?:\s+\(\d+\))?\s*$/, ([, list = ""]) => (list === "no tests" ? {} : listed(list, / \| /)))
  ],
  ["vitest", line(/^No test files found, exiting with code 0/, () => ({}))],
  ["jest", line(/^Tests: +(.+), \d+ total$/, ([, list = ""]) => listed(list, /, /))],
  ["jest", line(/^No tests found, exiting with code 0/, () => ({}))],
  [
    "mocha",
    block(
      /^\s*(?<n>\d+) (?<word>passing) \([\d.]+ ?(?:ms|s|m|h|d)\)$/,
      /^\s*(?<n>\d+) (?<word>pending|failing)$/,
      0,
      worded
    )
  ],
  [
    "pytest",
    line(
      /^=*\s*((?:\d+ [a-z ]+?)(?:, \d+ [a-z ]+?)*|no tests ran) in [\d.]+s(?: \([\d:, day]+\))?\s*=*$/,
      ([, list = ""]) => (list === "no tests ran" ? {} : listed(list, /, /))
    )
  ],
  [
    "cargo test",
    line(/^test result: (?:ok|FAILED)\. (\d+ passed; \d+ failed; \d+ ignored);/, ([, list = ""]) => listed(list, /; /))
  ],
  [
    "nextest",
    line(/^\s*Summary \[[^\]]*\] +[\d/]+ tests? run: (.+)$/, ([, list = ""]) =>
      listed(list.replace(/ \([^)]*\)/g, ""), /, /)
    )
  ],
  ["unittest", unittest],
  ["go test", goEvents]
]

/** What a project's own command says itself. @type {readonly [string, () => Reader]} */
const ownLine = [
  "",
  line(/^calm: tests passed=(\d+) failed=(\d+) skipped=(\d+)$/, ([, passed, failed, skipped]) => ({
    passed: Number(passed),
    failed: Number(failed),
    skipped: Number(skipped)
  }))
]

/** How `pnpm -r` ("packages/a test: ...") and turbo ("a:test: ...") mark the lines of programs that run side by side. */
const marked = /^((?:\S+ )?[\w@/.:-]*test[\w.:-]*): (.*)$/

export class Counter {
  /** @param {{ own?: boolean }} [options] `own`: `calm: tests` lines count */
  constructor(options = {}) {
    this.runners = options.own ? [ownLine, ...runners] : runners
    /** @type {Map<string, ReadonlyArray<readonly [string, Reader]>>} */
    this.readers = new Map()
    /** @type {Counts | null} */
    this.counts = null
    /** Names of the runners that were recognised. @type {Set<string>} */
    this.names = new Set()
  }

  /** @param {string} text one line without its end @returns {void} */
  line(text) {
    const clean = plain(text)
    this.feed("", clean)
    const [, mark, rest] = marked.exec(clean) ?? []
    if (mark !== undefined && rest !== undefined) this.feed(mark, rest)
  }

  /** Counts of all runs, `null` where none was recognised. */
  end() {
    for (const mark of this.readers.keys()) this.feed(mark, "")
    return this.counts
  }

  /** @param {string} mark @param {string} text */
  feed(mark, text) {
    let readers = this.readers.get(mark)
    if (readers === undefined) {
      readers = this.runners.map(([name, create]) => /** @type {const} */ ([name, create()]))
      this.readers.set(mark, readers)
    }
    for (const [name, reader] of readers) {
      const counts = reader(text)
      if (counts === null) continue
      this.counts = added(this.counts ?? {}, counts)
      if (name !== "") this.names.add(name)
    }
  }
}
