/** What speaks against a role on a task without forbidding it. */
import type { Role } from "@calm/domain/Role"
import type { Task } from "@calm/domain/Task"

/** A line each; none for a role that fits. */
export const misfits = ({ id, phase }: Task, { frontMatter, name, path }: Role): ReadonlyArray<string> => {
  if (frontMatter === null)
    return [
      `the role ${name} (${path}) has no front matter: nothing restricts it, and as it may write code its approvals of ${id} do not count`
    ]
  const { phases } = frontMatter
  return phases.includes(phase) ? [] : [`the role ${name} is for ${phases.join(", ") || "no phase"}; ${id} is ${phase}`]
}
