import { goPlan } from "./go.mjs"

export const plan = goPlan("go build", ["build", "-o", "/dev/null", "./..."])
