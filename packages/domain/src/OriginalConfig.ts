/**
 * `.claude/project.json`, the configuration that the original CALM's users have: what of it calm understands. Nothing in
 * it is an error; what has no counterpart is told of as ignored.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Document from "./Document.ts"
import { Kind, ProjectConfig } from "./ProjectConfig.ts"

/** A key that has no effect, and why. */
export interface Ignored {
  readonly key: string
  readonly reason: string
}

/** What a file of the original means. */
export interface Understood {
  readonly config: ProjectConfig
  /** The key of the original by the key of calm that it became. */
  readonly from: Readonly<Record<string, string>>
  readonly ignored: ReadonlyArray<Ignored>
}

const Texts = Schema.Array(Schema.String)
const Kinds = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const folder = (text: string): string => text.replace(/^\.\//, "").replace(/\/+$/, "")
const pattern = (text: string): string => `^${folder(text).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}/`

/** The keys with a counterpart: where it goes, and what its value becomes; `undefined` for what cannot be used. */
const counterparts: Readonly<
  Record<string, { readonly to: keyof ProjectConfig; readonly read: (value: unknown) => unknown }>
> = {
  project_type: { to: "kind", read: (value) => (Schema.is(Kind)(value) ? value : undefined) },
  "gate_config.composite_types": {
    to: "kinds",
    read: (value) =>
      Schema.is(Kinds)(value)
        ? Object.fromEntries(Object.entries(value).map(([key, kind]) => [folder(key) || ".", kind]))
        : undefined
  },
  // The folders of calm's own documents stay documents.
  doc_dirs: {
    to: "docFolders",
    read: (value) =>
      Schema.is(Texts)(value) ? [...new Set([...Document.defaultFolders, ...value.map(folder)])] : undefined
  },
  test_dirs: { to: "testPatterns", read: (value) => (Schema.is(Texts)(value) ? value.map(pattern) : undefined) }
}

/** Why a key of the original has no effect. */
const reasons: Readonly<Record<string, string>> = {
  implementation_dirs: "whatever is not a document counts as code",
  script_dirs: "shell scripts are found by themselves",
  frontend_dirs: "kinds says what is in which folder",
  "gate_config.skip_checks": "a check that finds no tool is skipped by itself",
  "gate_config.extra_checks": "further checks are named in .calm/gates.json"
}

const isObject = Schema.is(Schema.Record({ key: Schema.String, value: Schema.Unknown }))

const decode = Schema.decodeUnknownEither(ProjectConfig, { onExcessProperty: "error" })

/** Understands what such a file says. */
export const understand = (content: Readonly<Record<string, unknown>>): Understood => {
  const entries = Object.entries(content).flatMap(([key, value]): ReadonlyArray<readonly [string, unknown]> =>
    key === "gate_config" && isObject(value)
      ? Object.entries(value).map(([inner, below]) => [`gate_config.${inner}`, below] as const)
      : [[key, value]]
  )
  let config: ProjectConfig = {}
  const from: Record<string, string> = {}
  const ignored: Array<Ignored> = []
  for (const [key, value] of entries) {
    const counterpart = Object.hasOwn(counterparts, key) ? counterparts[key] : undefined
    if (counterpart === undefined) {
      ignored.push({ key, reason: (Object.hasOwn(reasons, key) ? reasons[key] : undefined) ?? "calm does not know it" })
      continue
    }
    const read = counterpart.read(value)
    const decoded = decode({ ...config, [counterpart.to]: read })
    if (read === undefined || Either.isLeft(decoded)) {
      ignored.push({ key, reason: `its value cannot be used as "${counterpart.to}"` })
      continue
    }
    config = decoded.right
    from[counterpart.to] = key
  }
  return { config, from, ignored }
}
