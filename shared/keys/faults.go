package keys

import (
	"errors"

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
