/** What the bundled `@calm/sql` gets for `node:fs`: each change is a step. */
import * as Fs from "node:fs"
import { step } from "./steps.ts"

export * from "node:fs"

/** A step, unless the call finds nothing to do. */
const stepping = <F extends (...args: ReadonlyArray<never>) => unknown>(
  name: string,
  change: F,
  isIdle: (args: ReadonlyArray<unknown>) => boolean = () => false
): F =>
  new Proxy(change, {
    apply: (target, self, args: ReadonlyArray<unknown>) => {
      if (!isIdle(args))
        step(
          `${name} ${args
            .slice(0, 2)
            .filter((each) => typeof each === "string")
            .join(" ")}`
        )
      return Reflect.apply(target, self, args)
    }
  })

const isThere = ([path]: ReadonlyArray<unknown>) => typeof path === "string" && Fs.existsSync(path)

export const chmodSync = stepping("chmod", Fs.chmodSync)
export const linkSync = stepping("link", Fs.linkSync)
export const mkdirSync = stepping("make folder", Fs.mkdirSync, isThere)
export const mkdtempSync = stepping("make temporary folder", Fs.mkdtempSync)
export const openSync = stepping("open", Fs.openSync, ([, flags]) => typeof flags !== "string" || flags === "r")
export const renameSync = stepping("rename", Fs.renameSync)
export const rmSync = stepping("remove", Fs.rmSync, (args) => !isThere(args))
export const unlinkSync = stepping("unlink", Fs.unlinkSync)
