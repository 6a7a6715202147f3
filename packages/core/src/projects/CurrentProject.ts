/**
 * The project that the calling command or program acts in. Given with each call, so that one set of services serves
 * many projects.
 */
import type { Project } from "@calm/domain/Project"
import * as Context from "effect/Context"

/**
 * The project that a call acts in; given with each call.
 *
 * @effect-leakable-service
 */
export class CurrentProject extends Context.Tag("@calm/core/projects/CurrentProject")<CurrentProject, Project>() {}
