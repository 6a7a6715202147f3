/**
 * What a user's settings come to, where some or all are left out. Apart from the schema of their file, which only those
 * need who read one.
 */
import { millisOf } from "./Age.ts"
import type { HomeConfig } from "./HomeConfig.ts"
import { defaultStaleAfter } from "./Worker.ts"
import { keptDays } from "./Worktree.ts"

/** How many automatic backups stay by default. */
export const defaultKeptBackups = 10

/** A user who sets nothing. */
export const empty: HomeConfig = {}

/** Milliseconds without a sign of life after which a worker counts as stale. */
export const staleAfter = (config: HomeConfig): number =>
  millisOf(config.workers?.staleAfter ?? "") ?? defaultStaleAfter

/** How many automatic backups stay. */
export const keptBackups = (config: HomeConfig): number => config.backups?.keep ?? defaultKeptBackups

/** Days that a worktree stays in the trash. */
export const daysInTrash = (config: HomeConfig): number => config.trash?.keepDays ?? keptDays
