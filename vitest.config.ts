import { defineConfig } from "vitest/config"

// Many tests wait for real sockets and processes: more workers than cores keep the cores busy.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    minWorkers: 1,
    maxWorkers: 4,
    // of concurrent tests, which do nothing but wait for calls in real time
    maxConcurrency: 10
  }
})
