import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.ts"

export default defineConfig({
  test: {
    // Given here, because vitest prints a deprecation notice when it finds the workspace file by itself.
    projects,
    // All cores: by itself vitest leaves one free, which on a machine of two halves the speed.
    maxWorkers: "100%",
    globalSetup: "./scripts/test-home.mjs"
  }
})
