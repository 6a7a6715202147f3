/**
 * What `docs/embedding.md` takes from the sources, between `<!-- begin: … -->` and `<!-- end -->`: the services and the
 * errors that the packages export, and files of the example.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../run.mjs"

const read = (path) => readFileSync(join(root, path), "utf8")

/** The public modules of a package, by their import. */
const modulesOf = (folder) => {
  const { exports, name } = JSON.parse(read(`${folder}/package.json`))
  return Object.entries(exports).map(([path, source]) => ({
    name: `${name}${path.slice(1)}`,
    text: read(join(folder, source))
  }))
}

/** The first sentence of the doc comment that ends at a place. */
const summary = (text, at) => {
  const comment = /\/\*\*(?:(?!\*\/)[^])*\*\/\s*$/.exec(text.slice(0, at))?.[0] ?? ""
  const plain = comment
    .replaceAll(/\/\*\*|\*\/|^\s*\*|@effect-\S+/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim()
  return /^.*?\.(?= |$)/.exec(plain)?.[0] ?? plain
}

const services = () => {
  const rows = modulesOf("packages/core").flatMap(({ name, text }) =>
    [...text.matchAll(/^export class (\w+) extends Context\.Tag/gm)].map(({ 1: tag, index }) => [
      tag,
      `| \`${tag}\` | \`${name}\` | ${summary(text, index).replaceAll("|", "\\|")} |`
    ])
  )
  const sorted = rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  return ["| service | import | what it is |", "|---|---|---|", ...sorted].join("\n")
}

const sourcesBelow = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => read(join(folder, name)))

/** Internal modules, too: their errors are given on by public ones. */
const errors = () => {
  const found = ["process", "git", "sql", "core"]
    .flatMap((name) => sourcesBelow(`packages/${name}/src`))
    .flatMap((text) => [...text.matchAll(/^export class (\w+) extends TaggedError[^]*?^}$/gm)])
    .map(([body, tag]) => ({ tag, category: /get category\(\) {\s*return "(\w+)" as const/.exec(body)?.[1] }))
  const rows = [...new Set(found.map(({ category }) => category ?? ""))].sort().map((category) => {
    const tags = found.filter((each) => (each.category ?? "") === category).map(({ tag }) => `\`${tag}\``)
    return `| ${category === "" ? "by its reason" : `\`${category}\``} | ${tags.sort().join(", ")} |`
  })
  return ["| category | errors |", "|---|---|", ...rows].join("\n")
}

const file = (path) => `\`\`\`ts\n${read(path).trimEnd()}\n\`\`\``

const parts = { services, errors, file }

/** The page with each of its parts made anew. */
export const embedding = (page) =>
  page.replaceAll(/^(<!-- begin: (\w+) ?(\S*) -->)\n[^]*?^<!-- end -->$/gm, (_, begin, part, argument) => {
    if (!Object.hasOwn(parts, part)) throw new Error(`docs/embedding.md asks for ${part}, which nothing makes`)
    return `${begin}\n${parts[part](argument)}\n<!-- end -->`
  })
