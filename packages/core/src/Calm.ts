/** All services of calm together: over any ports, or over the real SQL, git, processes and files. */
import type { Environment } from "@calm/process/Environment"
import * as Layer from "effect/Layer"
import * as Backups from "./backups/Backups.ts"
import * as Configuration from "./config/Configuration.ts"
import * as Counters from "./counters/Counters.ts"
import * as Events from "./events/Events.ts"
import * as CheckRunner from "./gates/CheckRunner.ts"
import * as Explain from "./gates/Explain.ts"
import * as FactFinder from "./gates/FactFinder.ts"
import * as Gates from "./gates/Gates.ts"
import * as NextSteps from "./gates/NextSteps.ts"
import * as Rulebook from "./gates/Rulebook.ts"
import * as DatabaseHealth from "./health/DatabaseHealth.ts"
import * as Status from "./health/Status.ts"
import * as MergeInspector from "./merges/MergeInspector.ts"
import * as Merges from "./merges/Merges.ts"
import * as Locks from "./operations/Locks.ts"
import * as Operations from "./operations/Operations.ts"
import * as Projects from "./projects/Projects.ts"
import * as Reviews from "./reviews/Reviews.ts"
import * as Sessions from "./sessions/Sessions.ts"
import * as Deletion from "./tasks/Deletion.ts"
import * as Tasks from "./tasks/Tasks.ts"
import * as Transitions from "./tasks/Transitions.ts"
import * as Contexts from "./workers/Contexts.ts"
import * as Roles from "./workers/Roles.ts"
import * as Workers from "./workers/Workers.ts"
import * as Dependencies from "./worktrees/Dependencies.ts"
import * as OpenWorktrees from "./worktrees/OpenWorktrees.ts"
import * as Overlaps from "./worktrees/Overlaps.ts"
import * as WorktreeHealth from "./worktrees/WorktreeHealth.ts"
import * as Worktrees from "./worktrees/Worktrees.ts"
import * as Ports from "./Ports.ts"

/** All services, over ports of your own. Each one's own layer stands on ports alone, too. */
export const services = Layer.mergeAll(
  Backups.layer,
  CheckRunner.layer,
  Configuration.layer,
  Contexts.layer,
  Counters.layer,
  DatabaseHealth.layer,
  Deletion.layer,
  Dependencies.layer,
  Events.layer,
  Explain.layer,
  FactFinder.layer,
  Gates.layer,
  Locks.layer,
  MergeInspector.layer,
  Merges.layer,
  NextSteps.layer,
  OpenWorktrees.layer,
  Operations.layer,
  Overlaps.layer,
  Projects.layer,
  Reviews.layer,
  Roles.layer,
  Rulebook.layer,
  Sessions.layer,
  Status.layer,
  Tasks.layer,
  Transitions.layer,
  Workers.layer,
  WorktreeHealth.layer,
  Worktrees.layer
)

/** Every service of calm. */
export type Services = Layer.Layer.Success<typeof services>

/** All services over the real things; the environment is the caller's. */
export const layer = (options: Ports.Options): Layer.Layer<Services, Ports.StartError, Environment> =>
  services.pipe(Layer.provide(Ports.layer(options)))
