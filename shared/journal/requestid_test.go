package journal_test

import (
	"testing"

	"github.com/keyward/keyward/shared/journal"
)

// What a caller chose to call a request is never written, since it may be a secret; but the same always has the same name.
func TestRequestID_isNeverWhatACallerWrote(t *testing.T) {
	for given, want := range map[string]string{
		"":                                     "",
		"7f1c8e0a-0000-4000-8000-000000000001": "7f1c8e0a-0000-4000-8000-000000000001",
		"JKJaXmPLvHcESHA=":                     "JKJaXmPLvHcESHA=",
		"vg_live_0A1b2C3dSecretSecretSecret0000xy": "chosen-69a622419c75c31dc92a9208da795ec0",
		"7f1c8e0a-0000-4000-8000-000000000001\n":   "chosen-2d79fb2ca857408f773c380a59946892",
		"7F1C8E0A-0000-4000-8000-000000000001":     "chosen-de59db6c066dfff277800821d9908243",
		"ann@example.com":                          "chosen-71d4f55f72fa128dfb468a1a3901507c",
		"JKJaXmPLvHcESHAx":                         "chosen-b8117df0382b9e7a1a7f00eb85155a29",
	} {
		if got := journal.RequestID(given); got != want {
			t.Errorf("%q is written as %q, want %q", given, got, want)
		}
	}
}
