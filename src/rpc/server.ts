/** The RPC interface as routes: the WebSocket, the HTTP door and a sign of life. Which port they are on is `http/`'s. */
import { HttpLayerRouter, HttpServerResponse } from "@effect/platform"
import { RpcServer } from "@effect/rpc"
import { Layer, type Redacted } from "effect"
import { layerAuthentication } from "./authentication.ts"
import { layerHandlers } from "./handlers.ts"
import { layerHttpDoor } from "./httpDoor.ts"
import { PhoneRpcs } from "./PhoneRpcs.ts"
import { healthPath } from "./paths.ts"
import { Requests } from "./Requests.ts"
import { layerSocketDoor } from "./socketDoor.ts"

// Without `disableFatalDefects` one bug would fail every request of its connection (facts/effect.md 2a).
const overSockets = RpcServer.layer(PhoneRpcs, { disableFatalDefects: true }).pipe(Layer.provide(layerSocketDoor))

const health = HttpLayerRouter.add("GET", healthPath, HttpServerResponse.unsafeJson({ status: "ok" }))

/** Adds the routes to an HttpLayerRouter, and gives the requests they answer. Every tool wants `token`; `/health` does not. */
export const layerServer = (token: Redacted.Redacted) =>
  Layer.mergeAll(overSockets, layerHttpDoor).pipe(
    Layer.provide([layerHandlers, layerAuthentication(token)]),
    Layer.provideMerge(Requests.Default),
    Layer.merge(health)
  )
