package keys

// Optional is a field that a request may leave out, set to null or set to a value, where the three differ.
type Optional[T any] struct {
	Set   bool // the field is there
	Null  bool // it is null
	Value T
}
