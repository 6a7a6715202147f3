/** Words that have broken other programs: for a parser, a shell, git, SQL, a file system, a terminal. */
import * as FastCheck from "effect/FastCheck"

/** A file of this name anywhere would show that a word was run as a command. */
export const pwned = "calm-was-run"

const commands = [
  `$(touch ${pwned})`,
  `\`touch ${pwned}\``,
  `; touch ${pwned}`,
  `| touch ${pwned}`,
  `&& touch ${pwned} #`,
  `x\ntouch ${pwned}\n`,
  `'; touch ${pwned}; '`,
  `"$(touch ${pwned})"`,
  `--upload-pack=touch ${pwned}`,
  `--exec=touch ${pwned}`,
  `--output=${pwned}`,
  `ext::sh -c touch% ${pwned}`,
  `!touch ${pwned}`,
  "; rm -rf .",
  "%s%n",
  "${HOME}",
  "$HOME",
  "$(git config user.name)"
]
const options = [
  "-",
  "--",
  "---",
  "-rf",
  "-x",
  "-1",
  "-0",
  "--no-such",
  "--help",
  "-h",
  "--json",
  "--quiet",
  "--version"
]
const numbers = [
  "1e9",
  "0x10",
  "9007199254740993",
  "9007199254740991",
  "NaN",
  "Infinity",
  " 1 ",
  "1.5",
  "+1",
  "01",
  "٣",
  "1_000",
  "2024-02-30",
  "2024-13-01T00:00Z",
  "9999-12-31T23:59:59.999Z",
  "+275760-09-13",
  "999999999w"
]
const keys = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "valueOf", "null", "undefined"]
const paths = [
  "..",
  ".",
  "../../x",
  "../SPEC-001",
  "SPEC-001/../../x",
  "/etc/passwd",
  "../canary/secret",
  "C:\\x",
  "..\\..\\x",
  "~",
  "~root",
  ".git",
  ".GIT",
  ".git/config",
  ".worktrees",
  ".gitmodules",
  "CON",
  "nul.txt",
  "a/b",
  "a//b",
  "a/",
  ".hidden",
  "x.",
  "x ",
  "metadata.db",
  "../metadata",
  "*",
  "**/{a,b",
  "[",
  "{,}",
  "file:///etc/passwd"
]
const refs = [
  "HEAD",
  "head",
  "@",
  "@{-1}",
  "@{u}",
  "refs/heads/main",
  "main..x",
  "main",
  ":/x",
  ":1:check.sh",
  "main:check.sh",
  "main^{tree}",
  "main~1000000",
  "x.lock",
  "FETCH_HEAD",
  "0000000000000000000000000000000000000000",
  "-"
]
const letters = [
  "",
  " ",
  "\t",
  "\n",
  "\r\n",
  "\u0000",
  "a\u0000b",
  "\u001b[2J\u001b[31mred",
  "\u001b]0;title\u0007",
  "\u009b31m",
  "\u007f",
  "\ufeff",
  "\ufeffSPEC-001",
  "\u202eSPEC-001",
  "\u2066x\u2069",
  "\u2028",
  "\u2029",
  "\u0085",
  "a\u0300\u0301\u0302",
  "é",
  "e\u0301",
  "👩‍👩‍👧‍👦",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "שלום",
  "مرحبا",
  "İ",
  "ı",
  "ß",
  "SS",
  "K",
  "ſpec-001",
  "ＳＰＥＣ-001",
  "ЅРЕС-001",
  "spec-001",
  "SPEC−001",
  "\ud800",
  "\udc00x",
  "x\udbff",
  "\u200b",
  "SPEC-001\u200b",
  "SPEC-001 ",
  "\u00ad"
]
const code = [
  "'); DROP TABLE tasks; --",
  "' OR '1'='1",
  '" OR 1=1',
  "%",
  "_",
  '{"a":1}',
  "[]",
  "{}",
  "null",
  "---\ntitle: x\n---",
  "&a [*a]",
  "!!js/function x",
  "<script>alert(1)</script>",
  "<id>",
  "calm task delete SPEC-001",
  "error: no",
  "hint: calm status",
  "a=b",
  "=",
  "--title=",
  "a,b,,c",
  ",",
  "IMPLEMENT->CODE_REVIEW",
  "SPEC-DESIGN"
]

const listed = FastCheck.constantFrom(
  ...commands,
  ...options,
  ...numbers,
  ...keys,
  ...paths,
  ...refs,
  ...letters,
  ...code
)
const piece = FastCheck.constantFrom(
  "a",
  "A1",
  "-",
  " ",
  "\n",
  "../",
  "é",
  "👍",
  "\u001b",
  "\u0000",
  "'",
  '"',
  "(",
  "{",
  "[",
  ",",
  "=",
  "/",
  "\\",
  ".",
  "\ud800",
  "*",
  "1h",
  "$(",
  "İ"
)

/** A piece so often that the word gets up to 100 kB long. */
const long = FastCheck.tuple(piece, FastCheck.constantFrom(41, 65, 101, 201, 301, 501, 1_000, 10_000, 100_000)).map(
  ([text, times]) => text.repeat(times).slice(0, 100_000)
)
const short = FastCheck.oneof(
  { weight: 6, arbitrary: listed },
  { weight: 1, arbitrary: FastCheck.string({ unit: "binary", maxLength: 12 }) },
  { weight: 1, arbitrary: FastCheck.string({ unit: piece, maxLength: 12 }) }
)

/** Any of these words, two of them as one, and now and then one that is very long. */
export const hostile: FastCheck.Arbitrary<string> = FastCheck.oneof(
  { weight: 16, arbitrary: short },
  { weight: 3, arbitrary: FastCheck.tuple(short, short).map(([one, other]) => one + other) },
  { weight: 1, arbitrary: long }
)
