/** How long something has lasted, as people write it: `30m`, `2h`, `1d`, `1h30m`. */

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** The milliseconds that a text stands for; `undefined` where it is none of these. */
export const millisOf = (text: string): number | undefined => {
  if (!/^(?:\d{1,9}[smhdw])+$/.test(text)) return undefined
  const parts = Array.from(text.matchAll(/(\d+)([smhdw])/g))
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * 1000 * (seconds[unit ?? ""] ?? 0), 0)
}
