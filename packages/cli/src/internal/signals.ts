/** What stops calm: told to whoever is responsible at the moment. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

let responsible: (() => void) | undefined

/**
 * From now on this is called for each signal, and nobody else. The process listens once and for all: a signal that
 * waits to be told while one listener is replaced by another would be lost.
 */
export const onSignal = (stop: () => void): void => {
  if (responsible === undefined) for (const signal of signals) process.on(signal, () => responsible?.())
  responsible = stop
}
