/** Whole calls in virtual time, and the simulated Twilio and Realtime on their own: what a test of phone calls needs. */

export { MemoryNetwork } from "../wire/Memory.ts"
export { type Host, Network, respond, respondJson, type WireRequest, type WireResponse } from "../wire/Network.ts"
export { type CalleeScript, CalleeStep } from "./callee/CalleeScript.ts"
export { loadCallees } from "./callee/calleesFile.ts"
export { calleeNames, callees, type LibraryCallee } from "./callee/library.ts"
export { calleeAt, documentedNumbers, ownNumber, polite } from "./callee/numbers.ts"
export { Fault } from "./faults/Fault.ts"
export { type Breach, judge } from "./invariants/index.ts"
export { judgeTwins } from "./invariants/twins.ts"
export { MemoryFiles } from "./MemoryFiles.ts"
export { defaultMind } from "./realtime/DefaultMind.ts"
export type { Faults } from "./realtime/Faults.ts"
export { gullibleMind } from "./realtime/GullibleMind.ts"
export { type Mind, scriptedMind } from "./realtime/Mind.ts"
export {
  makeSimulatedRealtime,
  type SimulatedRealtime,
  type SimulatedRealtimeOptions
} from "./realtime/SimulatedRealtime.ts"
export type { Difference, Divergence } from "./replay/compare.ts"
export { type Replayed, type ReplayOptions, replay } from "./replay/replay.ts"
export {
  layerOutside,
  layerService,
  layerSimulation,
  type NetworkView,
  Outside,
  type Simulated,
  type SimulationOptions
} from "./Simulation.ts"
export { type Ears, unmet } from "./scenario/expectations.ts"
export { Expectation, Line, Operation, Scenario } from "./scenario/Scenario.ts"
export { loadScenarios, readScenario } from "./scenario/scenarioFile.ts"
export { problemsOf, ScenarioFailed, type Trial, tryOut, type VerifyOptions, verify } from "./scenario/trial.ts"
export { type SimulatorOptions, type Simulators, startSimulators } from "./simulators.ts"
export { timelineOf } from "./timeline.ts"
export { makeSimulatedTwilio, type SimulatedTwilio, type SimulatedTwilioOptions } from "./twilio/SimulatedTwilio.ts"
export { holdingTime, run, type SimulationStopped, type VirtualTimeOptions } from "./VirtualTime.ts"
export { MindFailed } from "./world/ownMind.ts"
export type { Run } from "./world/Run.ts"
export { ScenarioInvalid, type SimulateOptions, simulate, UnknownCallee } from "./world/simulate.ts"
