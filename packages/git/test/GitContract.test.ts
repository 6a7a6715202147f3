import { gitContract } from "@calm/testing/contracts/GitContract"
import { git, real, temporaryFolder } from "./realGit.ts"

gitContract("the installed git", {
  layer: real,
  folder: temporaryFolder,
  stage: (checkout, paths) => git(checkout, "--literal-pathspecs", "add", "--all", "--", ...paths)
})
