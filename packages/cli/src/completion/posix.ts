/** The parts that the scripts for bash and zsh have in common. */
import * as Plan from "./Plan.ts"

/** A word that the shell takes as it is. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const valueCase = ({ everywhere, offer, option }: Plan.ValuePlan): string =>
  `    ${everywhere ? "*" : ""}${quoted(option)}) offer=${quoted(offer)} ;;`

/** The functions that know what follows a place and what an option takes. */
export const tables = (plan: Plan.Plan, placeCase: (place: Plan.PlacePlan) => string): string => `_calm_place() {
  names=() flags=() slots=() repeated=""
  case "$1" in
${plan.places.map(placeCase).join("\n")}
  esac
}
_calm_value() {
  case "$1" in
${plan.values.map(valueCase).join("\n")}
    *) return 1 ;;
  esac
}`

/** The cases that sort a typed word into options, the words of the command and its arguments. */
export const wordCases = (plan: Plan.Plan): string => `        --) ended=1 ;;
        --project=*) project="\${word#*=}" given+=(--project) ;;
        --*=*) given+=("\${word%%=*}") ;;
        -h) given+=(--help) ;;
        --*)
          given+=("$word")
          ! _calm_value "$context $word" || option="$word" ;;
        *)
          case "\${#typed[@]}$context $word" in
            ${Plan.contexts(plan)
              .map((context) => quoted(`0${context}`))
              .join("|")}) context="$context $word" ;;
            *) typed+=("$word") ;;
          esac ;;`
