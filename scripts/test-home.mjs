/**
 * Gives the tests a home folder of their own, so that neither the settings of whoever runs them (signing, hooks,
 * another default branch) nor their calm database play a part, and nothing is left behind there.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const gitSettings = `[user]
	name = Test
	email = test@example.com
[init]
	defaultBranch = main
`

export default () => {
  const home = mkdtempSync(join(tmpdir(), "calm-test-home-"))
  writeFileSync(join(home, ".gitconfig"), gitSettings)
  Object.assign(process.env, { HOME: home, XDG_CONFIG_HOME: join(home, ".config"), GIT_CONFIG_NOSYSTEM: "1" })
  return () => rmSync(home, { recursive: true, force: true })
}
