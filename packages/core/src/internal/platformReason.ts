/** What a failure of the file system is, in a few words: the platform's own message names its modules and repeats the path. */
import { beginning } from "@calm/domain/Typed"
import type { PlatformError } from "@effect/platform/Error"

export const platformReason = (error: PlatformError): string => {
  const said = error.description ?? (error._tag === "BadArgument" ? "it is no path" : error.reason)
  // The platform may repeat a path of any length there.
  return beginning(/^[A-Z]+: ([^,]+)/.exec(said)?.[1] ?? said, 120)
}

/** Does it say that there is no room left? That is no matter of rights: it passes. */
export const isFull = (reason: string): boolean => /^(?:no space left on device|disk quota exceeded)/i.test(reason)
