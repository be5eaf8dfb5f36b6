import { it } from "vitest"
import { story } from "./world.ts"
import { trace } from "./zz-trace.ts"
it("x", async () => trace(await story({}, (world) => world.call({ to: "+15550100008" }))))
