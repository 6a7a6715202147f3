/** Completion scripts: each is complete in itself and starts no program while a person types. */
import { common, type OptionWord, rootOnly } from "./Globals.ts"
import type { Leaf } from "./Leaf.ts"

/** A command or group with all that may follow it. */
export interface Place {
  readonly path: ReadonlyArray<string>
  readonly commands: ReadonlyArray<readonly [name: string, summary: string]>
  /** The command here: a leaf, or what a group does by itself. */
  readonly leaf: Leaf | undefined
}

export const shells = ["bash", "zsh", "fish"] as const
export type Shell = (typeof shells)[number]

interface Choosable extends OptionWord {
  readonly choices?: ReadonlyArray<string>
}

const optionsOf = (place: Place): ReadonlyArray<Choosable> => [
  ...(place.leaf?.options ?? []),
  ...common,
  ...(place.path.length === 0 ? rootOnly : [])
]

/** The words that can stand here without a dash: commands, and the words that arguments are chosen from. */
const plainWords = (place: Place): ReadonlyArray<readonly [string, string]> => [
  ...place.commands,
  ...(place.leaf?.args ?? []).flatMap(({ choices, description }) => choices.map((word) => [word, description] as const))
]

const contextOf = (path: ReadonlyArray<string>): string => path.map((word) => ` ${word}`).join("")
const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
const patterns = (words: ReadonlyArray<string>): string => words.map(shellQuoted).join("|")

/** Walks the words typed so far to the command they name; the same in bash and zsh. */
const walk = (places: ReadonlyArray<Place>, words: string): string => `  local context="" word
  for word in ${words}; do
    case "$context $word" in
      ${patterns(places.filter(({ path }) => path.length > 0).map(({ path }) => contextOf(path)))}) context="$context $word" ;;
    esac
  done`

const bash = (places: ReadonlyArray<Place>): string => {
  const values = places.flatMap((place) =>
    optionsOf(place)
      .filter((option) => option.placeholder !== undefined)
      .map(
        ({ choices = [], name }) =>
          `    ${shellQuoted(`${contextOf(place.path)} --${name}`)}) words=${shellQuoted(choices.join(" "))}; values=1 ;;`
      )
  )
  const words = places.map((place) => {
    const all = [...plainWords(place).map(([word]) => word), ...optionsOf(place).map(({ name }) => `--${name}`)]
    return `    ${shellQuoted(contextOf(place.path))}) words=${shellQuoted(all.join(" "))} ;;`
  })
  return `# bash completion for calm: source <(calm completions bash)
_calm() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" values=""
${walk(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"')}
  case "$context $previous" in
${values.join("\n")}
  esac
  if [ -z "$values" ]; then
    case "$context" in
${words.join("\n")}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _calm calm`
}

const described = (word: string, text: string): string => shellQuoted(`${word.replaceAll(":", "\\:")}:${text}`)

const zsh = (places: ReadonlyArray<Place>): string => {
  const values = places.flatMap((place) =>
    optionsOf(place)
      .filter((option) => option.placeholder !== undefined)
      .map(({ choices = [], name }) => {
        const offer = choices.length === 0 ? "_files" : `compadd -- ${choices.map(shellQuoted).join(" ")}`
        return `    ${shellQuoted(`${contextOf(place.path)} --${name}`)}) ${offer}; return ;;`
      })
  )
  const words = places.map((place) => {
    const all = [
      ...plainWords(place).map(([word, text]) => described(word, text)),
      ...optionsOf(place).map(({ description, name }) => described(`--${name}`, description))
    ]
    return `    ${shellQuoted(contextOf(place.path))}) candidates=(${all.join(" ")}) ;;`
  })
  return `#compdef calm
# zsh completion for calm: source <(calm completions zsh)
_calm() {
${walk(places, '"${(@)words[2,CURRENT-1]}"')}
  local -a candidates
  case "$context \${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  case "$context" in
${words.join("\n")}
  esac
  _describe calm candidates
}
if [ "\${funcstack[1]}" = "_calm" ]; then _calm "$@"; else compdef _calm calm; fi`
}

const fishQuoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const fish = (places: ReadonlyArray<Place>): string => {
  const known = places.filter(({ path }) => path.length > 0).map(({ path }) => fishQuoted(contextOf(path)))
  const lines = places.flatMap((place) => {
    const here = `complete -c calm -n ${fishQuoted(`test "$(__calm_context)" = "${contextOf(place.path)}"`)}`
    return [
      ...plainWords(place).map(([word, text]) => `${here} -f -a ${fishQuoted(word)} -d ${fishQuoted(text)}`),
      ...optionsOf(place).map(({ choices = [], description, name, placeholder }) => {
        const value =
          choices.length > 0 ? ` -x -a ${fishQuoted(choices.join(" "))}` : placeholder === undefined ? "" : " -r"
        return `${here} -l ${name}${value} -d ${fishQuoted(description)}`
      })
    ]
  })
  return `# fish completion for calm: calm completions fish | source
function __calm_context
  set -l context ''
  set -l words (commandline -opc)
  for word in $words[2..-1]
    switch "$context $word"
      case ${known.join(" ")}
        set context "$context $word"
    end
  end
  echo "$context"
end
complete -c calm -f
${lines.join("\n")}`
}

const writers = { bash, zsh, fish } satisfies Record<Shell, (places: ReadonlyArray<Place>) => string>

/** The script that teaches a shell every command, option and choice there is. */
export const script = (shell: Shell, places: ReadonlyArray<Place>): string => writers[shell](places)
