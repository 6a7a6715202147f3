/** The Git contract over the model in memory. */
import * as MemoryGit from "@calm/git/MemoryGit"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { gitContract } from "../src/contracts/GitContract.ts"
import * as MemoryFileSystem from "../src/MemoryFileSystem.ts"

/** Without the model's short cut, as any other file system is. */
const plainFileSystem = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(MemoryFileSystem.make, (fs) => FileSystem.makeNoop(Object.fromEntries(Object.entries(fs))))
)

for (const [name, fileSystem] of [
  ["in memory", MemoryFileSystem.layer],
  ["in memory, over any file system", plainFileSystem]
] as const) {
  gitContract(name, {
    layer: Layer.provideMerge(MemoryGit.layer, fileSystem),
    folder: Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()),
    stage: (checkout, paths) => Effect.flatMap(MemoryGit.MemoryGitControl, (control) => control.stage(checkout, paths))
  })
}
