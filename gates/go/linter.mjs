import { goPlan } from "./go.mjs"

export const plan = goPlan("go vet", ["vet", "./..."])
