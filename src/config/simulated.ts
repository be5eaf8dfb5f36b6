/**
 * The credentials of the simulated line, which takes any: what is used when the configuration has none. The secrets stand
 * nowhere else, so that one that is told is found.
 */
export const simulatedCredentials = {
  accountSid: `AC${"0".repeat(32)}`,
  authToken: "simulated-auth-token",
  phoneNumber: "+15550100000",
  openaiApiKey: "simulated-api-key"
}
