import { ofWork } from "./cases.ts"
import { suite } from "./suite.ts"

suite("work", ofWork)
