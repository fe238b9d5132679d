package keys

import "github.com/keyward/keyward/shared/apikey"

// warnings tell what is allowed but unwise about a key.
func warnings(key *apikey.Key, weight weight) []string {
	warnings := []string{}
	if key.ExpiresAt.IsZero() {
		warnings = append(warnings, "The key never expires. Set expires_at, so that a forgotten key does not work for ever.")
	}
	if key.Inherits != "" && len(key.Permissions) > 0 {
		warnings = append(warnings, "The key inherits its owner's permissions, but never more than those that you have now: it is not your own.")
	}
	if !weight.ReachesAny() {
		warnings = append(warnings, "No role or permission of the key reaches any service in its scope. Every request with it will be refused.")
	}
	return warnings
}
