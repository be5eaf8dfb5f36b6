/** The client over plain HTTP, one POST per request: for where there is `fetch` and no WebSocket, or no connection to keep. */
import { FetchHttpClient } from "@effect/platform"
import { RpcClient, RpcSerialization } from "@effect/rpc"
import { Layer } from "effect"
import { PhoneClient, type PhoneClientOptions, withToken } from "./client.ts"
import { PhoneRpcs } from "./PhoneRpcs.ts"
import { httpPath } from "./paths.ts"

/**
 * All tools but `phone_watch`, which streams and needs `PhoneClient.layer`. Does not look whether anybody is there: a request
 * that nobody answers fails with `RpcClientError`. An interrupted request is not interrupted at the service.
 */
export const layerHttp = ({ token, url }: PhoneClientOptions): Layer.Layer<PhoneClient> =>
  Layer.scoped(PhoneClient, RpcClient.make(PhoneRpcs)).pipe(
    Layer.provide([RpcClient.layerProtocolHttp({ url: `${url.replace(/\/+$/, "")}${httpPath}` }), withToken(token)]),
    Layer.provide([FetchHttpClient.layer, RpcSerialization.layerJson])
  )
