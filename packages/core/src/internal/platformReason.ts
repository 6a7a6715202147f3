/** What a failure of the file system is, in a few words: the platform's own message names its modules and repeats the path. */
import type { PlatformError } from "@effect/platform/Error"

export const platformReason = (error: PlatformError): string => {
  if (error._tag === "BadArgument") return error.description ?? "it is no path"
  const words = /^[A-Z]+: ([^,]+)/.exec(error.description ?? "")?.[1]
  return words ?? error.description ?? error.reason
}

/** Does it say that there is no room left? That is no matter of rights: it passes. */
export const isFull = (reason: string): boolean => /^(?:no space left on device|disk quota exceeded)/i.test(reason)
