/**
 * The contract of the Git port as tests: the same suite runs over the real git and over the model in memory.
 *
 * It uses nothing but the port, the FileSystem service and the one helper that the port has no word for (`stage`).
 * Ignore patterns are kept to a plain file name and a plain folder name.
 */
import { describe } from "@effect/vitest"
import { joiningTests } from "./git/joining.ts"
import { keepingTests } from "./git/keeping.ts"
import { linkingTests } from "./git/linking.ts"
import { readingTests } from "./git/reading.ts"
import { type GitContractOptions, makeTest } from "./git/world.ts"
import { worktreeTests } from "./git/worktrees.ts"

export type { GitContractOptions } from "./git/world.ts"

/** Registers the suite for one layer of the Git port. */
export const gitContract = <R, E, E2>(name: string, options: GitContractOptions<R, E, E2>): void => {
  const test = makeTest(options)
  describe(`Git contract: ${name}`, () => {
    describe("reading", () => readingTests(test))
    describe("keeping", () => keepingTests(test))
    describe("joining", () => joiningTests(test))
    describe("worktrees", () => worktreeTests(test))
    describe("linking", () => linkingTests(test))
  })
}
