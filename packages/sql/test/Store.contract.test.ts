import * as Sql from "@calm/sql/Sql"
import { storeContract } from "@calm/testing/contracts/StoreContract"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeFolder } from "./support/folder.ts"

storeContract("in memory", Sql.layerMemory)

storeContract(
  "in a file",
  Layer.unwrapScoped(Effect.map(makeFolder, (folder) => Sql.layerFile(`${folder}/metadata.db`)))
)
