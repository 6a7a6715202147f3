/** Digests of what calm compares: SHA-256 over parts, each with its length, so that no two lists of parts run together. */
import { Digest } from "@calm/domain/Ids"
import { createHash } from "node:crypto"

export const digest = (parts: Iterable<string | Uint8Array>): Digest => {
  const hash = createHash("sha256")
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part, "utf8") : part
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return Digest.make(hash.digest("hex"))
}
