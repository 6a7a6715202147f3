/** Completion for bash, from 3.2 on. It shows no descriptions. */
import type * as Plan from "./Plan.ts"
import { quoted, tables, wordCases } from "./posix.ts"

const words = (all: ReadonlyArray<string>): string => all.map(quoted).join(" ")

const placeCase = ({ args, commands, context, options, repeated }: Plan.PlacePlan): string => {
  const names = (all: ReadonlyArray<Plan.Word>) => words(all.map(([word]) => word))
  return `    ${quoted(context)}) names=(${names(commands)}) flags=(${names(options)}) slots=(${words(args)})${repeated ? " repeated=1" : ""} ;;`
}

// What calm answers is put in as it is: it offers nothing that would need quotes. No word of it goes through compgen,
// which would run what is written in it.
export const script = (plan: Plan.Plan): string => `# bash completion for calm: source <(calm completions bash)
${tables(plan, placeCase)}
_calm_among() {
  local word
  for word in "\${@:2}"; do [ "$word" != "$1" ] || return 0; done
  return 1
}
_calm_offer() {
  local line head="" left=""
  case "$offer" in
    "") ;;
    @folder)
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$prefix$line"); done < <(compgen -d -- "$current") ;;
    @command)
      head=" help"
      for line in \${typed[@]+"\${typed[@]}"}; do head="$head $line"; done
      _calm_place "$head"
      offer="\${names[*]}"
      [ -z "$offer" ] || _calm_offer ;;
    @*)
      while IFS= read -r line; do COMPREPLY+=("$prefix\${line%%$'\\t'*}"); done \\
        < <(command calm complete "\${offer#@}" "$current" "\${typed[0]-}" "$project" 2>/dev/null) ;;
    *)
      case "$current" in *,*) head="\${current%,*}," ;; esac
      for line in $offer; do case ",$head" in *",$line,"*) ;; *) left="$left $line" ;; esac; done
      while IFS= read -r line; do COMPREPLY+=("$prefix$line"); done \\
        < <(compgen -P "$head" -W "$left" -- "\${current#"$head"}") ;;
  esac
}
_calm() {
  local IFS=$' \\t\\n' word option="" ended="" context="" project="" offer="" prefix="" repeated=""
  local current="\${COMP_WORDS[COMP_CWORD]}"
  local -a typed given names flags slots
  typed=() given=() COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$option" ]; then
      # bash cuts --option=value in three.
      [ "$word" != "=" ] || continue
      [ "$option" != --project ] || project="$word"
      option=""
    elif [ -n "$ended" ]; then
      typed+=("$word")
    else
      case "$word" in
${wordCases(plan)}
      esac
    fi
  done
  case "$current" in
    =) [ -z "$option" ] || current="" ;;
    --*=*) [ -n "$ended$option" ] || { option="\${current%%=*}" prefix="\${current%%=*}=" current="\${current#*=}"; } ;;
  esac
  if [ -n "$option" ]; then
    offer=""
    ! _calm_value "$context $option" || _calm_offer
    return
  fi
  _calm_place "$context"
  offer="" word=\${#typed[@]}
  [ -z "$repeated" ] || [ "$word" -lt "\${#slots[@]}" ] || word=$((\${#slots[@]} - 1))
  if [ -z "$ended" ] && { [[ "$current" == -* ]] || { [ "$word" -ge "\${#slots[@]}" ] && [ "\${#names[@]}" = 0 ]; }; }; then
    for option in "\${flags[@]}"; do
      _calm_among "$option" \${given[@]+"\${given[@]}"} || offer="$offer $option"
    done
    _calm_offer
    return
  fi
  [ "$word" -ge "\${#slots[@]}" ] || offer="\${slots[$word]}"
  if [ "\${#typed[@]}" = 0 ] && [ "\${#names[@]}" != 0 ]; then
    local asked="$offer"
    offer="\${names[*]}"
    _calm_offer
    offer="$asked"
  fi
  _calm_offer
}
complete -F _calm calm`
