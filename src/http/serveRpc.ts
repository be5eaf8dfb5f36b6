/** Puts the RPC interface on its own port. What is served there is `rpc/`'s; the public webhook port is another one. */
import { createServer, type Server } from "node:http"
import { HttpLayerRouter, HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Layer, Predicate, type Redacted, Schema } from "effect"
import { layerMcp } from "../mcp/http.ts"
import { layerServer } from "../rpc/server.ts"

/** The port cannot be listened on. The service has not started. */
export class PortUnavailable extends Schema.TaggedError<PortUnavailable>("phone/PortUnavailable")("PortUnavailable", {
  host: Schema.String,
  port: Schema.Number,
  message: Schema.String
}) {}

/** Where the RPC interface is, with the port really bound. */
export class RpcAddress extends Context.Tag("phone/RpcAddress")<
  RpcAddress,
  { readonly host: string; readonly port: number; readonly url: string }
>() {}

export interface RpcListenOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly token: Redacted.Redacted
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses it. Stop that, or set rpcPort",
  EACCES: "this user may not use it. Set rpcPort to one above 1023",
  EADDRNOTAVAIL: "this machine has no such address. Set rpcHost",
  ENOTFOUND: "the host name is not known. Set rpcHost"
}

const portUnavailable = ({ host, port }: RpcListenOptions, cause: unknown) => {
  const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
  return new PortUnavailable({
    host,
    port,
    message: `Cannot listen on ${host}:${port}: ${reasons[code] ?? String(cause)} (${code || "unknown error"}).`
  })
}

/** How long answers in flight may take to leave, once their requests have been ended. */
const drainGrace = "200 millis"

/** Node's `close` waits for every connection, also for one whose peer reads nothing: after the grace we cut them. */
const closeConnections = (server: Server) =>
  Effect.async<void>((resume) => {
    server.closeIdleConnections()
    server.getConnections((_, open) => resume(open === 0 ? Effect.void : Effect.sleep(drainGrace)))
  }).pipe(Effect.zipRight(Effect.sync(() => server.closeAllConnections())))

/**
 * Listens while the layer lives. When it closes, every request in flight is interrupted, and it is closed within a
 * second, open watch streams and silent peers included. The calls themselves live on in `Calls`.
 */
export const serveRpc = (options: RpcListenOptions) => {
  const listening = Layer.scoped(
    HttpServer.HttpServer,
    Effect.gen(function* () {
      const server = createServer()
      const listener = yield* NodeHttpServer.make(() => server, { host: options.host, port: options.port }).pipe(
        Effect.mapError(({ cause }) => portUnavailable(options, cause))
      )
      yield* Effect.addFinalizer(() => closeConnections(server))
      return listener
    })
  )
  const doors = Layer.provideMerge(layerMcp(options.token), layerServer(options.token))
  const routes = HttpLayerRouter.serve(doors, { disableLogger: true, disableListenLog: true })
  const address = Layer.effect(
    RpcAddress,
    Effect.map(HttpServer.HttpServer, ({ address }) => {
      const port = address._tag === "TcpAddress" ? address.port : options.port
      const host = options.host.includes(":") ? `[${options.host}]` : options.host
      return { host: options.host, port, url: `http://${host}:${port}` }
    })
  )
  return Layer.merge(routes, address).pipe(Layer.provide(listening))
}
