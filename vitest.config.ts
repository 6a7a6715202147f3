import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.ts"

export default defineConfig({
  test: {
    // Given here, because vitest prints a deprecation notice when it finds the workspace file by itself.
    projects,
    globalSetup: "./scripts/test-home.mjs"
  }
})
