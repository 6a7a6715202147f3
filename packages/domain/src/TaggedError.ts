/**
 * `Schema.TaggedError`, made when something of it is first used.
 *
 * calm has a hundred kinds of failures, each with a schema of a dozen parts. A command that fails uses one of them, one
 * that succeeds uses none; making them all was a quarter of what a short command did.
 */
import * as Schema from "effect/Schema"

type Class = abstract new (...args: ReadonlyArray<never>) => object

/** Stands for a class, also as the parent of others, that is made when it is constructed or asked for a static member. */
const whenUsed = <C extends Class>(make: () => C): C => {
  let made: C | undefined
  const real = (): C => {
    if (made === undefined) {
      made = make()
      Object.setPrototypeOf(Later.prototype, made.prototype)
    }
    return made
  }
  const Later = class {
    constructor(...args: ReadonlyArray<unknown>) {
      return Reflect.construct(real(), args, new.target)
    }
  }
  // What a class itself has not is looked for in its parent: there the one that is made answers, in the name of who was asked.
  const statics = new Proxy(Function.prototype, {
    get: (functions, key, asked) =>
      key === Symbol.hasInstance ? Reflect.get(functions, key) : Reflect.get(real(), key, asked),
    has: (_, key) => Reflect.has(real(), key)
  })
  Object.setPrototypeOf(Later, statics)
  return Later as unknown as C
}

/** Declares a failure: `class Failed extends TaggedError<Failed>()("Failed", { path: Schema.String }) {}`. */
export const TaggedError: typeof Schema.TaggedError = ((identifier?: string) =>
  (...declared: Parameters<ReturnType<typeof Schema.TaggedError<object>>>) =>
    whenUsed(() => Schema.TaggedError<object>(identifier)(...declared))) as never
