/** Check scripts that do what no check should do, and what calm makes of each. */
import { scaled } from "../support/scale.ts"

export interface Script {
  readonly name: string
  /** What a shell runs, in the worktree. `$BASE` is a folder outside of it, `$2` the task. */
  readonly body: string
  /** Run by the project's own command instead of as a script of its own. */
  readonly command?: true
  /** The longest that it may take, in seconds, for those that never end. */
  readonly timeout?: number
  readonly status: "passed" | "failed" | "unavailable"
  readonly exit: 0 | 5 | 7 | 8
  /** What the one line about it says. */
  readonly says?: RegExp
  /** What the end of its output says. */
  readonly tail?: RegExp
  readonly counts?: { readonly passed: number; readonly failed: number; readonly skipped: number | null } | null
  /** It leaves the worktree otherwise than it found it. */
  readonly meddles?: true
}

const unavailable = { status: "unavailable", exit: 8 } as const
const failed = { status: "failed", exit: 7 } as const
const late = { status: "unavailable", exit: 5, says: /gates\.timeout/, timeout: 1 } as const

const megabytes = scaled(24, 1024)

/** Every process that is to be looked for afterwards notes itself. */
const noted = 'echo $$ >> "$BASE/pids"'

export const scripts: ReadonlyArray<Script> = [
  { name: "passes", body: "exit 0", status: "passed", exit: 0 },
  { name: "fails", body: "echo one is wrong; exit 1", ...failed, tail: /one is wrong/ },
  { name: "never ends", body: `${noted}; while :; do sleep 1; done`, ...late },
  { name: "never ends, as a command", body: `${noted}; while :; do sleep 1; done`, command: true, ...late },
  { name: "ignores TERM", body: `${noted}; trap '' TERM HUP INT; while :; do sleep 1; done`, ...late },
  {
    name: "leaves a process in its group that holds the pipe",
    body: `sh -c '${noted}; exec sleep 600' & sleep 0.1; exit 1`,
    ...failed
  },
  {
    name: "forks a daemon that holds the pipe",
    body: `setsid sh -c 'echo $$ > "$BASE/daemon"; exec sleep 600' & while [ ! -s "$BASE/daemon" ]; do :; done; exit 1`,
    ...failed
  },
  {
    name: "prints without end",
    body: `${noted}; exec yes 'a line that comes again and again'`,
    ...late
  },
  {
    name: "prints a gigabyte",
    body: `yes 'a line of a test that has passed, of about the usual length' | head -c ${megabytes * 1024 * 1024}; echo; echo the last words; exit 1`,
    ...failed,
    tail: /the last words$/
  },
  {
    name: "prints a line without end",
    body: `head -c ${scaled(8, 100) * 1024 * 1024} /dev/zero | tr '\\0' x; echo; echo after it; exit 1`,
    ...failed,
    tail: /after it$/
  },
  { name: "prints bytes that mean nothing", body: "head -c 300000 /dev/urandom; exit 1", ...failed },
  {
    name: "prints half a character",
    body: `printf 'caf\\303'; printf '\\355\\240\\200 end\\342\\234' >&2; exit 1`,
    ...failed
  },
  {
    name: "prints escape codes",
    body: `printf '\\033]0;title\\007\\033[31mred\\033[0m\\033[2J\\233 6n\\ncalm: summary \\033[5mblinks\\033]8;;http://x\\007\\ncalm: hint \\033[1mcalm status\\n'; exit 1`,
    ...failed,
    says: /^blinks$/,
    tail: /red/
  },
  { name: "reports a pass and fails", body: "echo calm: tests passed=5 failed=0; exit 1", ...failed },
  {
    name: "reports failures and passes",
    body: "echo calm: tests passed=1 failed=2 skipped=0; exit 0",
    ...failed,
    counts: { passed: 1, failed: 2, skipped: 0 }
  },
  ...[
    "passed=-1 failed=0",
    "passed=1.5 failed=0",
    "passed=1e3 failed=0",
    "passed=99999999999 failed=0",
    "passed= failed=",
    "xpassed=1 xfailed=0",
    "passed=1",
    "failed=0 passed=٣",
    "passed=0x10 failed=0"
  ].map((odd) => ({ name: `reports ${odd}`, body: `echo 'calm: tests ${odd}'; exit 1`, ...failed, counts: null })),
  {
    name: "reports a line of a megabyte",
    body: `printf 'calm: summary '; head -c 1000000 /dev/zero | tr '\\0' s; exit 1`,
    ...failed,
    says: /^s{500}$/
  },
  { name: "closes its output and goes on", body: "exec >&- 2>&-; sleep 0.2; exit 1", ...failed },
  { name: "waits for an answer", body: "read -r answer; exit 1", ...failed },
  { name: "kills itself", body: "kill -9 $$", ...unavailable, says: /SIGKILL/ },
  { name: "kills its group", body: "kill -9 0", ...unavailable, says: /SIGKILL/ },
  { name: "kills its group, as a command", body: "kill -9 0", command: true, ...unavailable, says: /SIGKILL/ },
  {
    name: "kills what started it, as a command",
    body: `${noted}; kill -9 $PPID; sleep 600`,
    command: true,
    ...unavailable,
    says: /SIGKILL/
  },
  { name: "asks its group to end", body: "kill -TERM 0; sleep 600", ...unavailable, says: /SIGTERM/ },
  { name: "exits with 2", body: "exit 2", ...unavailable },
  { name: "exits with 255", body: "exit 255", ...unavailable, says: /255/ },
  { name: "exits with 3 where the base would not", body: '[ "$CALM_MODE" = detect ] && exit 0; exit 3', ...failed },
  {
    name: "cannot tell what the base would do",
    body: '[ "$CALM_MODE" = detect ] && kill -9 $$; exit 3',
    ...unavailable
  },
  {
    name: "changes a file",
    body: "echo changed >> check.sh; exit 0",
    ...unavailable,
    says: /changed while the check ran: check\.sh/,
    meddles: true
  },
  { name: "leaves a file", body: "echo new > left.txt; exit 0", ...unavailable, says: /left\.txt/, meddles: true },
  {
    name: "commits",
    body: "git commit --quiet --allow-empty --message Meddled; exit 0",
    ...unavailable,
    says: /moved while/,
    meddles: true
  },
  {
    name: "detaches HEAD",
    body: "git checkout --quiet --detach; exit 0",
    ...unavailable,
    says: /moved while/,
    meddles: true
  },
  {
    name: "leaves git's lock",
    body: `: > "$(git rev-parse --git-dir)/index.lock"; exit 0`,
    status: "passed",
    exit: 0,
    meddles: true
  }
]
