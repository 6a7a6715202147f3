/** Completion for zsh. */
import type * as Plan from "./Plan.ts"
import { quoted, tables, wordCases } from "./posix.ts"

/** A word with its description, as `_describe` takes them apart at the colon. */
const described = ([word, about]: Plan.Word): string =>
  quoted(`${word.replaceAll(":", "\\:")}:${about.replaceAll("\\", "\\\\")}`)

const placeCase = ({ args, commands, context, options, repeated }: Plan.PlacePlan): string => {
  const words = (all: ReadonlyArray<Plan.Word>) => all.map(described).join(" ")
  return `    ${quoted(context)}) names=(${words(commands)}) flags=(${words(options)}) slots=(${args.map(quoted).join(" ")})${repeated ? " repeated=1" : ""} ;;`
}

// What a title says is only ever shown, as a description: nothing in it is expanded.
export const script = (plan: Plan.Plan): string => `#compdef calm
# zsh completion for calm: source <(calm completions zsh)
${tables(plan, placeCase)}
_calm_offer() {
  local line about head=""
  local -a found chosen
  case "$offer" in
    "") ;;
    @folder) _files -/ ;;
    @command)
      _calm_place " help\${(j::)typed/#/ }"
      _describe -V command names ;;
    @*)
      for line in "\${(@f)$(command calm complete "\${offer#@}" "$current" "\${typed[1]-}" "$project" 2>/dev/null)}"; do
        about="\${line#*$'\\t'}"
        # What nothing is said of has no colon: else zsh would show the sign before what is said.
        [[ -z "$line" ]] || found+=("\${line%%$'\\t'*}\${about:+:}\${about//\\\\/\\\\\\\\}")
      done
      _describe -V "\${offer#@}" found ;;
    *)
      [[ "$current" != *,* ]] || head="\${current%,*}"
      chosen=(\${(s:,:)head})
      compset -P '*,'
      found=(\${(s: :)offer})
      found=(\${found:|chosen})
      compadd -a found ;;
  esac
}
_calm() {
  local word option="" ended="" context="" project="" offer="" repeated="" current="\${(Q)PREFIX}"
  local -a typed given names flags slots
  for word in "\${(@Q)words[2,CURRENT-1]}"; do
    if [[ -n "$option" ]]; then
      [[ "$option" != --project ]] || project="$word"
      option=""
    elif [[ -n "$ended" ]]; then
      typed+=("$word")
    else
      case "$word" in
        "") ;;
${wordCases(plan)}
      esac
    fi
  done
  if [[ -z "$ended$option" && "$current" == --*=* ]]; then
    option="\${current%%=*}" current="\${current#*=}"
    compset -P '*='
  fi
  if [[ -n "$option" ]]; then
    offer=""
    ! _calm_value "$context $option" || _calm_offer
    return
  fi
  _calm_place "$context"
  local at=$((\${#typed} + 1))
  [[ -z "$repeated" || $at -le \${#slots} ]] || at=\${#slots}
  if [[ -z "$ended" && ( "$current" == -* || ( $at -gt \${#slots} && \${#names} == 0 ) ) ]]; then
    local -a left
    for word in "\${flags[@]}"; do
      (( \${given[(Ie)\${word%%:*}]} )) || left+=("$word")
    done
    _describe -V option left
    return
  fi
  if [[ \${#typed} == 0 && \${#names} != 0 ]]; then _describe -V command names; fi
  [[ $at -gt \${#slots} ]] || { offer="\${slots[$at]}"; _calm_offer; }
}
if [ "\${funcstack[1]}" = "_calm" ]; then _calm "$@"; else compdef _calm calm; fi`
