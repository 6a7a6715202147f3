/** The test projects: one per package. */
const project = (name: string, root: string) => ({
  root,
  test: {
    name,
    include: ["test/**/*.test.ts"],
    // Processes, not threads: the database driver is native, and tests may change their current folder.
    pool: "forks" as const,
    testTimeout: 30_000,
    hookTimeout: 30_000
  }
})

export default [
  project("domain", "packages/domain"),
  project("process", "packages/process"),
  project("git", "packages/git"),
  project("sql", "packages/sql"),
  project("core", "packages/core"),
  project("testing", "packages/testing"),
  project("cli", "packages/cli"),
  project("gates", "gates")
]
