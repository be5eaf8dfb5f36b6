import { defineConfig } from "vitest/config"

/** Apart from the project's suite: needs the real openclaw, which scripts/test-openclaw installs into this folder. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ["*.e2e.ts"], testTimeout: 120_000, hookTimeout: 120_000 }
})
