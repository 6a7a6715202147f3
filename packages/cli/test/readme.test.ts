import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { root } from "../src/commands.ts"
import type * as Tree from "../src/Tree.ts"

const pathsOf = (node: Tree.Node, path: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  node._tag === "Entry"
    ? [path]
    : [
        ...(node.self === undefined ? [] : [path]),
        ...Object.entries(node.commands).flatMap(([name, child]) => pathsOf(child, [...path, name]))
      ]

describe("the README's table of commands", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8")
  const rows = readme.split("\n").filter((line) => line.startsWith("| `calm "))

  it.effect("names every command there is, so that none is left untold", () =>
    Effect.sync(() => {
      const missing = pathsOf(root, [])
        .map((path) => path.join(" "))
        .filter((path) => {
          const [group, name] = path.split(" ")
          return !rows.some((row) =>
            name === undefined
              ? new RegExp(`\`calm ${group}[ \`]`).test(row)
              : new RegExp(`\`calm ${group} `).test(row) && new RegExp(`[ \`]${name}[ \`]`).test(row)
          )
        })
      assert.deepStrictEqual(missing, [])
    })
  )

  it.effect("names no command that does not exist", () =>
    Effect.sync(() => {
      const known = new Set(pathsOf(root, []).map((path) => path.join(" ")))
      const named = rows.flatMap((row) =>
        [...row.matchAll(/`calm ([a-z]+)(?: ([a-z-]+)(?=[ `]))?/g)].map(([, group = "", name]) =>
          name === undefined || !(group in root.commands) || root.commands[group]?._tag === "Entry"
            ? group
            : `${group} ${name}`
        )
      )
      assert.isAtLeast(named.length, 20)
      assert.deepStrictEqual(
        named.filter((path) => !known.has(path)),
        []
      )
    })
  )
})
