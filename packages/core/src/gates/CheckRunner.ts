/** Runs a check's script in a task's worktree and says what came out, bound to the code it ran on. */
import type { CheckStatus, Evidence } from "@calm/domain/Evidence"
import type { Code } from "@calm/domain/Facts"
import type { Run } from "@calm/domain/Gate"
import type { TaskId } from "@calm/domain/Ids"
import * as ProjectConfig from "@calm/domain/ProjectConfig"
import * as Traced from "@calm/domain/Traced"
import { Environment } from "@calm/process/Environment"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Home, type HomeUnusable, unusable } from "../home/Home.ts"
import { now } from "../internal/now.ts"
import { randomId } from "../internal/randomId.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { CheckProgress } from "./CheckProgress.ts"
import { CheckScripts } from "./CheckScripts.ts"
import * as ScriptOutput from "./internal/scriptOutput.ts"
import type { Rules } from "./Rulebook.ts"

/** A check to run. */
export interface Job {
  readonly task: TaskId
  readonly run: Run
  readonly code: Code
  readonly rules: Rules
  /** The task's worktree. */
  readonly worktree: string
}

/** Runs a gate's check scripts in a task's worktree, each bound to the code it ran on. */
export class CheckRunner extends Context.Tag("@calm/core/gates/CheckRunner")<
  CheckRunner,
  {
    /** Runs a check to its end, and tells `CheckProgress` of it. What keeps it from running is a result too: `unavailable`. Stores nothing. */
    readonly run: (job: Job) => Effect.Effect<Evidence, HomeUnusable, CurrentProject>
    /** Does a skipped result still hold at the base of the job? The base may have the tool by now. Stores nothing. */
    readonly confirm: (job: Job, skipped: Evidence) => Effect.Effect<Evidence, never, CurrentProject>
  }
>() {}

const statusOf = (exit: ProcessRunner.Exit): CheckStatus => {
  switch (exit.exitCode) {
    case 0:
      return "passed"
    case 1:
      return "failed"
    case 3:
      return "skipped"
    default:
      return "unavailable"
  }
}

const said = {
  passed: "passed",
  failed: "failed",
  skipped: "skipped: the project has no such tool",
  unavailable: "could not be checked"
}

/** An end that the protocol knows nothing of. */
const endOf = ({ exitCode, signal }: ProcessRunner.Exit): string | null =>
  exitCode === null
    ? `the check was ended by ${signal ?? "a signal"}`
    : exitCode > 3
      ? `the check exited with ${exitCode}, which says nothing about the code`
      : null

type Finding = Pick<Evidence, "status" | "counts" | "summary" | "tail" | "hint" | "timedOut" | "duration">

const notRun = (error: ProcessRunner.ProcessError): Finding => ({
  status: "unavailable",
  counts: null,
  summary: error.message,
  tail: "",
  hint: error.hint,
  timedOut: false,
  duration: 0
})

const timedOut = (error: ProcessRunner.ProgramTimedOut): Finding => ({
  ...notRun(error),
  summary: `ended after ${error.deadline / 1000} s, the longest that a check may take (gates.timeout)`,
  tail: ScriptOutput.tail(error.tail, 40),
  timedOut: true,
  duration: error.deadline
})

export const make = Effect.gen(function* () {
  const processes = yield* ProcessRunner.ProcessRunner
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* Home
  const environment = yield* Environment
  const scripts = yield* CheckScripts

  const usable = Effect.mapError(unusable(home.path))

  /** The program of a run: built-in scripts lie in the installation, a project's own are written out of the base. */
  const program = Effect.fnUntraced(function* ({ rules, run }: Job) {
    const own = "script" in run ? rules.ownScripts.get(run.script) : undefined
    if (own === undefined)
      return {
        program: environment.node,
        args: [path.join(scripts.folder, `${"script" in run ? run.script : "command"}.mjs`)]
      }
    const folder = path.join(home.cache, "scripts", own.blob)
    const file = path.join(folder, path.basename(own.path))
    if (!(yield* usable(files.exists(file)))) {
      yield* usable(files.makeDirectory(folder, { recursive: true, mode: 0o700 }))
      const draft = `${file}.${yield* randomId}`
      yield* usable(files.writeFile(draft, own.content, { mode: 0o700 }))
      yield* usable(files.chmod(draft, 0o700))
      yield* usable(files.rename(draft, file))
    }
    return /\.[cm]?js$/.test(own.path) ? { program: environment.node, args: [file] } : { program: file, args: [] }
  })

  const gitVariables = Object.fromEntries(
    Object.keys(environment.variables)
      .filter((name) => name.startsWith("GIT_"))
      .map((name) => [name, undefined])
  )

  const request = Effect.fnUntraced(function* (job: Job, logFile: string | undefined, detect: boolean) {
    const project = yield* CurrentProject
    const { tell } = yield* CheckProgress
    const { args, program: executable } = yield* program(job)
    const { code, rules, run, task, worktree } = job
    return {
      program: executable,
      args: [...args, worktree, task],
      cwd: worktree,
      env: {
        ...gitVariables,
        CALM_MAIN_CHECKOUT: project.path,
        CALM_BASE: code.base,
        CALM_MERGE_BASE: code.mergeBase,
        CALM_PROJECT_CONFIG: JSON.stringify(rules.config),
        CALM_COMMAND: "command" in run ? JSON.stringify(run.command) : undefined,
        CALM_MODE: detect ? "detect" : undefined,
        CALM_REF: detect ? code.base : undefined
      },
      deadline: `${rules.config.gates?.timeout ?? ProjectConfig.defaultTimeout} seconds`,
      maxOutput: 1024 * 1024,
      tied: true,
      logFile,
      onLine: detect
        ? undefined
        : (printed) => {
            const line = ScriptOutput.lastLine(printed)
            return line === "" ? Effect.void : tell({ _tag: "Line", key: run.key, line })
          }
    } satisfies ProcessRunner.Request
  })

  const decode = (exit: ProcessRunner.Exit): Finding => {
    const output = new TextDecoder().decode(exit.stdout)
    const report = ScriptOutput.read(output)
    const claimed = statusOf(exit)
    // A pass that reports failures is none.
    const status = claimed === "passed" && (report.counts?.failed ?? 0) > 0 ? "failed" : claimed
    const everything = `${output}\n${new TextDecoder().decode(exit.stderr)}`
    return {
      status,
      counts: report.counts,
      summary: report.summary ?? endOf(exit) ?? said[status],
      tail: status === "passed" ? "" : ScriptOutput.tail(everything, 40),
      hint: report.hint,
      timedOut: false,
      duration: Math.round(exit.duration)
    }
  }

  const execute = Effect.fnUntraced(function* (job: Job, logFile: string | undefined, detect: boolean) {
    return yield* processes.run(yield* request(job, logFile, detect)).pipe(
      Effect.map(decode),
      Effect.catchTags({
        ProgramMissing: (error) => Effect.succeed(notRun(error)),
        ProgramFailedToRun: (error) => Effect.succeed(notRun(error)),
        ProgramTimedOut: (error) => Effect.succeed(timedOut(error))
      })
    )
  })

  /** A check that the branch skips but the base would run is not skipped: the branch took it away. */
  const confirmSkip = Effect.fnUntraced(function* (job: Job, skipped: Finding) {
    const detected = yield* execute(job, undefined, true)
    switch (detected.status) {
      case "skipped":
        return skipped
      case "passed":
        return {
          ...skipped,
          status: "failed" as const,
          summary: "the base runs this check and the branch no longer does"
        }
      default:
        return {
          ...detected,
          status: "unavailable" as const,
          summary: "whether the base runs this check could not be told"
        }
    }
  })

  return CheckRunner.of({
    confirm: Traced.fn("CheckRunner.confirm")(function* (job, skipped) {
      const confirmed = yield* confirmSkip(job, skipped).pipe(
        Effect.catchTag("HomeUnusable", (error) =>
          Effect.succeed({ ...skipped, status: "unavailable" as const, summary: error.message })
        )
      )
      return { ...skipped, ...confirmed, base: job.code.base }
    }),
    run: Traced.fn("CheckRunner.run")(function* (job) {
      const project = yield* CurrentProject
      const { code, rules, run, task } = job
      const { tell } = yield* CheckProgress
      const at = yield* now
      const folder = path.join(home.logs, project.id, task)
      const logFile = path.join(
        folder,
        `${at.replaceAll(":", "")}-${run.key.replaceAll(/[^A-Za-z0-9]+/g, "-").slice(0, 40)}.log`
      )
      yield* usable(files.makeDirectory(folder, { recursive: true, mode: 0o700 }))
      yield* tell({ _tag: "Started", key: run.key })
      const finding = yield* execute(job, logFile, false)
      const confirmed = finding.status === "skipped" && "script" in run ? yield* confirmSkip(job, finding) : finding
      const { duration, status, summary } = confirmed
      yield* tell({ _tag: "Ended", key: run.key, status, summary, duration })
      const evidence: Evidence = {
        ...confirmed,
        key: run.key,
        logFile,
        commit: code.commit,
        base: code.base,
        codeDigest: code.codeDigest,
        definitionsDigest: rules.digestOf(run),
        at
      }
      return evidence
    })
  })
})

/** The real one, over programs and files. */
export const layer: Layer.Layer<
  CheckRunner,
  never,
  ProcessRunner.ProcessRunner | FileSystem.FileSystem | Path.Path | Home | Environment | CheckScripts
> = Layer.effect(CheckRunner, make)
