/** Clocks that are wrong: everything that calm asks for the time goes by them. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** A clock that shows what `shown` makes of the real time, and on which a pause lasts so many times less. */
const clockOf = (shown: (real: number) => number, faster: number): Clock.Clock => {
  const real = Clock.make()
  const millis = () => Math.round(shown(real.unsafeCurrentTimeMillis()))
  const nanos = () => BigInt(millis()) * 1_000_000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    currentTimeMillis: Effect.sync(millis),
    unsafeCurrentTimeNanos: nanos,
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) => real.sleep(Duration.times(duration, 1 / faster))
  }
}

/** A clock that is so many milliseconds ahead of the real one; behind where negative. */
export const ahead = (millis: number): Clock.Clock => clockOf((real) => real + millis, 1)

/** A clock that goes so many times faster: who waits for half a minute gives up soon. */
export const hurried = (times: number): Clock.Clock => {
  const start = Clock.make().unsafeCurrentTimeMillis()
  return clockOf((real) => start + (real - start) * times, times)
}
