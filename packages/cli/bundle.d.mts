import type { Plugin } from "esbuild"

/** Writes a small program into a folder; gives the files that went into it. */
export function bundlePart(part: "complete" | "load" | "version", outdir: string): Promise<ReadonlyArray<string>>

/** Writes all that `dist` holds into a folder; gives the files that went into the programs. */
export function bundleAll(outdir: string, entry?: string, plugins?: Array<Plugin>): Promise<ReadonlyArray<string>>

/** Makes `bin` and `dist` in a folder, as they are installed; gives the command. */
export function assemble(folder: string, entry?: string, plugins?: Array<Plugin>): Promise<string>
