package emulatortest

import "github.com/keyward/keyward/infra/acceptance"

// Gaps are what the acceptance suite sees the emulator, ministack 1.5.33, do otherwise than API Gateway. docs/fidelity.md says
// what asserts each of these instead, and what else the emulator can't do.
var Gaps = acceptance.Gaps{
	acceptance.MocksFillNothingIn:   "a mock's headers and body are copied as they are written",
	acceptance.DenialsFillNothingIn: "gateway responses know no context.authorizer",
	acceptance.NoForbiddenExit:      "apiKeySource and usageIdentifierKey are ignored, so the sample API is deployed with forbiddenExit=false",
	acceptance.TidiesPaths:          "a path is split at its slashes, and what is empty is left out",
	acceptance.DecodesPaths:         "a path is decoded before it is split",
	acceptance.MendsUTF8:            "a body is decoded as UTF-8 with replacement",
	acceptance.JoinsHeaders:         "repeated headers arrive as one, joined by a comma",
	acceptance.BelievesForwarded:    "the first address of X-Forwarded-For is taken for the caller's",
}
