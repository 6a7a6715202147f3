/** The digests that bind evidence and approvals to the code: of a tree, and of a change. */
import * as Document from "@calm/domain/Document"
import type { Digest, Sha, TaskId } from "@calm/domain/Ids"
import * as ProjectConfig from "@calm/domain/ProjectConfig"
import type { Change } from "@calm/git/Git"
import { Git } from "@calm/git/Git"
import * as Effect from "effect/Effect"
import { digest } from "../../internal/digest.ts"

const parentsOf = (folders: ReadonlyArray<string>): ReadonlyArray<string> =>
  [
    ...new Set(
      folders.flatMap((folder) => {
        const parts = folder.split("/")
        return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"))
      })
    )
  ].sort()

/**
 * The code digest: a commit's tree without the documentation folders. Only the root is listed, and the folders on the way
 * to a documentation folder; everything else stands for itself by its tree's object name.
 */
export const codeDigest = Effect.fnUntraced(function* (repo: string, commit: Sha, config: ProjectConfig.ProjectConfig) {
  const git = yield* Git
  const folders = ProjectConfig.docFolders(config)
  const opened = parentsOf(folders)
  const listings = yield* Effect.forEach(["", ...opened], (folder) => git.listFolder(repo, commit, folder), {
    concurrency: 4
  })
  // Only what is a folder is left out: a link or a file in its place is code.
  const left = new Set([...folders, ...opened])
  const entries = listings
    .flat()
    .filter((entry) => !Document.isDocument(entry.path, folders) && !(entry.kind === "tree" && left.has(entry.path)))
  return digest(entries.map((entry) => `${entry.mode} ${entry.object} ${entry.path}`))
})

/** What a branch changes, as the rules see it. */
export interface ChangeSummary {
  readonly changeDigest: Digest | null
  readonly paths: ReadonlyArray<string>
  readonly codePaths: ReadonlyArray<string>
  readonly testPaths: ReadonlyArray<string>
}

/**
 * Sums up a change: the digest of its code; for documents alone, the digest of all but the task's own changelog, so
 * that approvals of a task of documents are bound to what was approved, too. A change of mode alone is judged with the
 * rest, and shows no work: it is neither code nor a test that changed.
 */
export const summarise = (
  changes: ReadonlyArray<Change>,
  task: TaskId,
  config: ProjectConfig.ProjectConfig
): ChangeSummary => {
  const folders = ProjectConfig.docFolders(config)
  const code = changes.filter((change) => !Document.isDocument(change.path, folders))
  const changelog = Document.pathOf("changelog", task)
  const written = code.filter((change) => change.oldObject !== change.newObject)
  const judged = written.length > 0 ? code : changes.filter((change) => change.path !== changelog)
  return {
    changeDigest:
      judged.length === 0
        ? null
        : digest(
            judged.map(
              (change) =>
                `${change.status} ${change.oldMode} ${change.newMode} ${change.oldObject} ${change.newObject} ${change.path}`
            )
          ),
    paths: changes.map((change) => change.path),
    codePaths: written.map((change) => change.path),
    testPaths: written
      .filter((change) => change.status !== "D" && ProjectConfig.isTest(config, change.path))
      .map((change) => change.path)
  }
}
