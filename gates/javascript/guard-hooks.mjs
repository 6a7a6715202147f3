/** The guard for `import`, in the thread where Node resolves it. */
import rules from "./guard-rules.cjs"

/** @type {import("node:module").ResolveHook} */
export const resolve = async (specifier, context, next) => {
  const result = await next(specifier, context)
  rules.checkUrl(result.url, context.parentURL)
  return result
}
