/** Where on the RPC port things are. Shared by server and client. */

/** POST one JSON message, or a list; the answer is a list. For everything that does not stream. */
export const httpPath = "/rpc"

/** A WebSocket with one JSON message per frame. For everything. */
export const socketPath = "/rpc/ws"

/** GET, without a token: whether the service is up. */
export const healthPath = "/health"
