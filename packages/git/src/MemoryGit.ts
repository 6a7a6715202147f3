/**
 * A small model of git in memory, behind the Git port: for tests, and for programs that want to try a flow without git.
 *
 * Checkouts are files of the `FileSystem` service it is built over, so whoever has that service works in them; objects,
 * refs, HEADs and indexes live in the model, under the names that git itself would give to the objects. Starts no
 * program.
 *
 * It is less than git: renames are not followed by merges, attributes, hooks and line-end conversion are not known, of
 * several merge bases the newest is taken, submodules are opaque.
 */
export { MemoryGitControl, type RemoteBranch } from "./internal/memory/control.ts"
export { layer } from "./internal/memory/layer.ts"
export { Peek, type Peekable, type Peeked } from "./internal/memory/peek.ts"
