/** What people do around calm, in the model's world: commits, merges by hand, files that they leave, tools that break. */
import { type Act, fileOf, leftOver } from "./commands.ts"
import { isDirty, type Project, tip, type World } from "./world.ts"
import { commit, holds, merge } from "./history.ts"

const without = (files: Readonly<Record<string, string>>, path: string) =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== path))

/** No branch, and no worktree that was removed, was built on the base's last commit: it can be taken back. */
const isFree = ({ base, tasks }: Project): boolean => {
  const heads = [...tasks.values()].flatMap(({ branch, trash }) => [
    ...(branch === null ? [] : [branch]),
    ...trash.map(({ head }) => head)
  ])
  return base.length > 1 && !heads.some((head) => holds(head, base.at(-1) ?? head))
}

/** Does an act; gives whether it could be done. */
export const act = (world: World, command: Act): boolean => {
  const project = world.projects[command.project]
  const base = tip(project)
  const task = project.tasks.get(command.task)
  switch (command.does) {
    case "let come out":
      world.outcomes[command.script] = command.outcome
      return true
    case "commit to the base": {
      const [path, text] = fileOf(command.task, command.file, command.variant)
      if (base.files[path] === text) return false
      project.base.push(commit({ ...base.files, [path]: text }, base))
      return true
    }
    case "rewind the base":
      return isFree(project) && project.base.pop() !== undefined
    default:
  }
  // All else is done in the worktree.
  if (task === undefined || task.deleted || task.worktree !== "open" || task.branch === null) return false
  const { branch, loose } = task
  switch (command.does) {
    case "commit": {
      const [path, text] = fileOf(task.id, command.file, command.variant)
      if (!isDirty(task) && branch.files[path] === text) return false
      task.branch = commit({ ...branch.files, ...loose, [path]: text }, branch)
      task.loose = {}
      return true
    }
    case "leave a file":
      if (branch.files[leftOver] !== undefined || loose[leftOver] !== undefined) return false
      task.loose = { ...loose, [leftOver]: "left\n" }
      return true
    case "take the file away":
      if (loose[leftOver] === undefined) return false
      task.loose = without(loose, leftOver)
      return true
    case "merge the base in": {
      const { conflicts, files } = merge(branch, base)
      if (isDirty(task) || conflicts.length > 0 || holds(branch, base)) return false
      task.branch = commit(files, branch, base)
      return true
    }
    case "merge by hand": {
      const { conflicts, files } = merge(base, branch)
      if (conflicts.length > 0 || holds(base, branch)) return false
      project.base.push(commit(files, base, branch))
      return true
    }
  }
}
