package keys

import (
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

func versionMismatch(now int64) error {
	return fault.New(fault.VersionMismatch, "The key's version is %d now. Read the key again and repeat the change if it still makes sense.", now)
}

func errBusy() error {
	return fault.Outage("changing a key", errors.New("it moved at every attempt"))
}

// ended is the fault for a change of a key that is over; nil for a live one.
func ended(status apikey.Status) error {
	switch status {
	case apikey.Revoked:
		return fault.New(fault.KeyRevoked, "The key is revoked, for good. Create a new one.")
	case apikey.Expired:
		return fault.New(fault.KeyExpired, "The key has expired and its name is free. Create a new one.")
	default:
		return nil
	}
}

func errLocked() error {
	return fault.New(fault.KeyLocked, "The key is locked: it can't be edited. It can be disabled, enabled, regenerated and revoked.")
}

func errNameImmutable() error {
	return &fault.Error{
		Code:   fault.NameImmutable,
		Field:  "name",
		Detail: "The names of keys can't be changed here. Create a new key under the other name.",
	}
}

func errSecretExpiryFixed(until time.Time) error {
	return &fault.Error{
		Code:   fault.SecretExpiryFixed,
		Field:  "expires_at",
		Detail: "The key's token itself ends at " + until.UTC().Format(time.RFC3339) + ", and no edit changes a secret. Give an earlier time, or regenerate the key with this expiry instead.",
	}
}
