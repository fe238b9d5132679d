package keyring

// pepper gives the key of an HMAC. It is a function because that is the one kind of value that nothing looks
// into: fmt asks no method of an unexported field, and prints its content instead.
type pepper func() []byte

func newPepper(text string) pepper {
	key := []byte(text)
	return func() []byte { return key }
}
