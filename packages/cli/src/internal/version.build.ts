/** What `calm --version` says to whom is no terminal, by how it is asked. Made once, when calm is built. */
import * as Output from "../Output.ts"
import * as Style from "../Style.ts"

const saidWith = (json: boolean, quiet: boolean): string =>
  Output.version({ json, quiet, stdout: Style.plain, stderr: Style.plain }).stdout

export const said = { text: saidWith(false, false), quiet: saidWith(false, true), json: saidWith(true, false) }
