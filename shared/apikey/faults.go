package apikey

import "github.com/keyward/keyward/shared/fault"

// The faults of a store, in the words that callers read.

// NotFound is the fault for a key that does not exist, or that is another organization's: the two can't be told apart.
func NotFound() error {
	return fault.New(fault.KeyNotFound, "There is no such key in your organization. Check the key_id.")
}

// NameTaken is the fault for a name that another live key of the organization has.
func NameTaken() error {
	return &fault.Error{
		Code:   fault.NameTaken,
		Field:  "name",
		Detail: "Another live key has this name. Choose another name, or revoke that key.",
	}
}

// LimitReached is the fault for an organization that holds as many live keys as it may.
func LimitReached(limit int64) error {
	return fault.New(fault.KeyLimitReached, "Your organization may hold %d live keys. Revoke one that is no longer used, or ask for a higher limit.", limit)
}
