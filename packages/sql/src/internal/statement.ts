/**
 * A statement of the client. That of `@effect/sql`, which it stands for, opens a scope and a span each time it is run,
 * which costs several times what SQLite needs for a row; this one runs at once where nobody would see them.
 */
import * as Traced from "@calm/domain/Traced"
import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import type * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"

/** Runs SQL where statements of this fiber run, and gives what it finds. */
export type RowsOf = (
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  sql: string,
  params: ReadonlyArray<unknown>
) => ReturnType<Connection["execute"]>

class Direct<A> extends Effectable.Class<ReadonlyArray<A>, SqlError> implements Statement.Statement<A> {
  private made: Statement.Statement<A> | undefined
  constructor(
    private readonly make: () => Statement.Statement<A>,
    private readonly rowsOf: RowsOf,
    /** The statement as SQL. */
    private readonly write: () => readonly [sql: string, params: ReadonlyArray<unknown>]
  ) {
    super()
  }
  /** The statement of `@effect/sql`. */
  private get self() {
    return (this.made ??= this.make())
  }
  get [Statement.FragmentId]() {
    return this.self[Statement.FragmentId]
  }
  get segments() {
    return this.self.segments
  }
  get raw() {
    return this.self.raw
  }
  get withoutTransform() {
    return this.self.withoutTransform
  }
  get stream() {
    return this.self.stream
  }
  get values() {
    return this.self.values
  }
  get unprepared() {
    return this.self.unprepared
  }
  compile(withoutTransform?: boolean) {
    return this.self.compile(withoutTransform)
  }
  override commit(): Effect.Effect<ReadonlyArray<A>, SqlError> {
    return Effect.withFiberRuntime((fiber) => {
      // A transformer is given the span.
      if (Traced.isHeard(fiber) || fiber.getFiberRef(Statement.currentTransformer)._tag === "Some") return this.self
      const [sql, params] = this.write()
      return this.rowsOf(fiber, sql, params)
    })
  }
}

/** What stands in a template: `null` for a value, the text of a fragment that is nothing else, `undefined` for all the rest. */
const standing = (arg: unknown): string | null | undefined => {
  if (!Statement.isFragment(arg)) return arg === null || typeof arg !== "object" ? null : undefined
  const [segment, another] = arg.segments
  const isText = segment?._tag === "Literal" && segment.params === undefined && another === undefined
  return isText ? segment.value : undefined
}

/** A template put together, and what stood in it. */
interface Written {
  readonly sql: string
  readonly standing: ReadonlyArray<string | null>
}

/** The values among arguments; `undefined` where something else stands there now. */
const valuesLike = (before: Written["standing"], args: ReadonlyArray<unknown>) => {
  const values: Array<unknown> = []
  for (let at = 0; at < args.length; at++) {
    const kind = standing(args[at])
    if (kind !== before[at]) return undefined
    if (kind === null) values.push(args[at])
  }
  return values
}

/** A template with its arguments as SQL. It is put together once, as long as nothing but values changes in it. */
const write = (
  known: WeakMap<TemplateStringsArray, Written>,
  template: TemplateStringsArray,
  args: ReadonlyArray<unknown>,
  statement: () => Statement.Statement<unknown>
): readonly [sql: string, params: ReadonlyArray<unknown>] => {
  const before = known.get(template)
  const values = before && valuesLike(before.standing, args)
  if (before !== undefined && values !== undefined) return [before.sql, values]
  const kinds = args.map(standing)
  const [sql, params] = statement().compile()
  if (kinds.every(Predicate.isNotUndefined)) known.set(template, { sql, standing: kinds })
  return [sql, params]
}

/** A client whose statements run directly. */
export const direct = <Client extends Statement.Constructor>(client: Client, rowsOf: RowsOf) => {
  const known = new WeakMap<TemplateStringsArray, Written>()
  function sql<A extends object>(template: TemplateStringsArray, ...args: Array<unknown>): Statement.Statement<A>
  function sql(name: string): Statement.Identifier
  function sql(template: TemplateStringsArray | string, ...args: Array<unknown>): unknown {
    if (typeof template === "string") return client(template)
    const statement = () => client(template, ...args)
    return new Direct(statement, rowsOf, () => write(known, template, args, statement))
  }
  return Object.assign(sql, client, {
    unsafe: <A extends object>(text: string, params?: ReadonlyArray<unknown>) => {
      const statement = () => client.unsafe<A>(text, params)
      return new Direct(statement, rowsOf, () => statement().compile())
    }
  })
}
