/** What the check-up says of how the command is installed. */
import * as Doctor from "@calm/core/Doctor"
import * as Machine from "@calm/process/Machine"
import * as CalmTest from "@calm/testing/CalmTest"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { calm, same } from "./support/calm.ts"
import { databaseFile, notWell, opened } from "./support/doctor.ts"

const home = "/home/me/.calm"

describe("a check-up", () => {
  it.effect(
    "of the installed command says what is missing of it and whether it can start at once, as far as can be told",
    () =>
      Effect.gen(function* () {
        const { files } = yield* calm
        yield* databaseFile
        const services = yield* opened
        const folder = "/opt/calm/dist"
        const checked = (nodeOptions?: string) =>
          Effect.flatMap(
            Doctor.make({ folder: CalmTest.repo, services, installation: { folder, nodeOptions } }),
            ({ check }) => check
          )
        for (const part of ["gates/table.json", "roles/backend.md"]) {
          yield* files.makeDirectory(`${folder}/${part.split("/")[0]}`, { recursive: true })
          yield* files.writeFileString(`${folder}/${part}`, "")
        }
        yield* files.makeDirectory(`${home}/cache`, { recursive: true })
        same(notWell(yield* checked()), [])
        same(notWell(yield* checked("--max-old-space-size=999")), ["warning code cache"])

        // Whoever may not write beside the bundle has a place of their own.
        yield* files.chmod(folder, 0o555)
        same(notWell(yield* checked()), [])
        yield* files.chmod(`${home}/cache`, 0o500)
        same(notWell(yield* checked()), ["error home", "warning code cache"])
        const access = () => Effect.fail(new SystemError({ reason: "Unknown", module: "FileSystem", method: "access" }))
        const silent = Effect.provideService(checked(), FileSystem.FileSystem, { ...files, access })
        assert.include(notWell(yield* silent), "unclear code cache")

        yield* files.chmod(folder, 0o755)
        yield* files.remove(`${folder}/gates`, { recursive: true })
        yield* files.remove(`${folder}/roles/backend.md`)
        same(notWell(yield* checked()).slice(0, 2), ["error home", "error installation"])
        same(notWell(yield* checked()).filter((each) => each === "error installation").length, 2)
      }).pipe(Effect.provide([CalmTest.layer, Machine.layerMemory()]))
  )
})
