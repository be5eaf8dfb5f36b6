/** The credentials of the simulated line, which takes any: what is used when the configuration has none. */
export const simulatedCredentials = {
  accountSid: `AC${"0".repeat(32)}`,
  authToken: "simulated",
  phoneNumber: "+15550100000",
  openaiApiKey: "simulated"
}
