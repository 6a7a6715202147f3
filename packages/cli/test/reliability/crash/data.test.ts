import { ofData } from "./cases.ts"
import { suite } from "./suite.ts"

suite("data", ofData)
