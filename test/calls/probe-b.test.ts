import { it } from "@effect/vitest"
import { agrees, greets, story } from "./world.ts"

it("x", async () => {
  const i = (after: number) => ({ bargeIn: { after, say: "Sorry, who is calling, please?" } })
  const _f = await story({ callee: greets(i(1), i(0.5), i(1.3), ...agrees), latency: 40 }, (world) => world.call())
})
