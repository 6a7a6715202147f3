/**
 * What `@effect/cli` asks for to read files and to put questions. calm's parameters do neither: files are read by the
 * services, and no parameter is ever asked for.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const quit = new Terminal.QuitException()

export const context = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Layer.succeed(Terminal.Terminal, {
    columns: Effect.succeed(80),
    rows: Effect.succeed(24),
    isTTY: Effect.succeed(false),
    readInput: Effect.die(quit),
    readLine: Effect.fail(quit),
    display: () => Effect.void
  })
)
