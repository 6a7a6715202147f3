import { cargoPlan } from "./cargo.mjs"

export const plan = cargoPlan("cargo check", "check", ["--all-targets"])
