/** Completion for fish, from 3.1 on. */
import * as Plan from "./Plan.ts"

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const described = ([word, about]: Plan.Word): string => quoted(`${word}\t${about}`)

/** One case of a switch that prints a line for each of these, or does nothing where there are none. */
const printing = (context: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [`    case ${quoted(context)}`, `      printf '%s\\n' ${lines.join(" ")}`]

const valueCase = ({ everywhere, offer, option }: Plan.ValuePlan): string =>
  `    case ${quoted(`${everywhere ? "*" : ""}${option}`)}\n      echo ${quoted(offer)}`

// What a title says is only ever shown, as a description after a tab: nothing in it is expanded.
export const script = (plan: Plan.Plan): string => `# fish completion for calm: calm completions fish | source
function __calm_names
  switch "$argv[1]"
${plan.places.flatMap(({ commands, context }) => printing(context, commands.map(described))).join("\n")}
  end
end
function __calm_flags
  switch "$argv[1]"
${plan.places.flatMap(({ context, options }) => printing(context, options.map(described))).join("\n")}
  end
end
function __calm_slots
  switch "$argv[1]"
${plan.places.flatMap(({ args, context }) => printing(context, args.map(quoted))).join("\n")}
  end
end
function __calm_repeats
  contains -- "$argv[1]" ${plan.places
    .filter(({ repeated }) => repeated)
    .map(({ context }) => quoted(context))
    .join(" ")}
end
function __calm_value
  switch "$argv[1]"
${plan.values.map(valueCase).join("\n")}
    case '*'
      return 1
  end
end
function __calm_offer -a offer current prefix project
  set -l typed $argv[5..-1]
  switch "$offer"
    case ''
    case @folder
      for line in (__fish_complete_directories "$current")
        echo "$prefix$line"
      end
    case @command
      __calm_names (string join '' -- ' help' ' '$typed)
    case '@*'
      command -q calm; or return
      for line in (command calm complete (string sub -s 2 -- $offer) "$current" "$typed[1]" "$project" 2>/dev/null)
        echo "$prefix$line"
      end
    case '*'
      set -l head (string match -r -- '^.*,' "$current")
      for word in (string split ' ' -- $offer)
        contains -- $word (string split , -- $head); or echo "$prefix$head$word"
      end
  end
end
function __calm_complete
  set -l typed
  set -l given
  set -l option ''
  set -l ended ''
  set -l context ''
  set -l project ''
  set -l current (commandline -ct)
  set -l words (commandline -opc)
  set -e words[1]
  for word in $words
    if test -n "$option"
      test "$option" = --project; and set project $word
      set option ''
    else if test -n "$ended"
      set -a typed $word
    else
      switch "$word"
        case --
          set ended 1
        case '--*=*'
          set -a given (string replace -r '=.*' '' -- $word)
          string match -q -- '--project=*' $word; and set project (string replace -r '^--project=' '' -- $word)
        case -h
          set -a given --help
        case '--*'
          set -a given $word
          __calm_value "$context $word" >/dev/null; and set option $word
        case '*'
          switch (count $typed)"$context $word"
            case ${Plan.contexts(plan)
              .map((context) => quoted(`0${context}`))
              .join(" ")}
              set context "$context $word"
            case '*'
              set -a typed $word
          end
      end
    end
  end
  set -l prefix ''
  if test -z "$ended$option"; and string match -q -- '--*=*' "$current"
    set option (string replace -r '=.*' '' -- $current)
    set prefix "$option="
    set current (string replace -r '^[^=]*=' '' -- $current)
  end
  if test -n "$option"
    set -l offer (__calm_value "$context $option")
    __calm_offer "$offer" "$current" "$prefix" "$project" $typed
    return
  end
  set -l names (__calm_names "$context")
  set -l slots (__calm_slots "$context")
  set -l at (math (count $typed) + 1)
  test $at -gt (count $slots); and __calm_repeats "$context"; and set at (count $slots)
  if test -z "$ended"
    if string match -q -- '-*' "$current"; or test $at -gt (count $slots) -a (count $names) -eq 0
      for flag in (__calm_flags "$context")
        contains -- (string split -m 1 \\t -- $flag)[1] $given; or echo $flag
      end
      return
    end
  end
  test (count $typed) -eq 0 -a (count $names) -gt 0; and printf '%s\\n' $names
  test $at -le (count $slots); and __calm_offer "$slots[$at]" "$current" '' "$project" $typed
end
complete -c calm -f -k -a '(__calm_complete)'`
