import { cargoPlan } from "./cargo.mjs"

export const plan = cargoPlan("cargo clippy", "clippy", ["--all-targets", "--", "-D", "warnings"])
