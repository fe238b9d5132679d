package httpapi

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/keys"
)

// optional is a field of a request that may be absent, null or a value, where the three differ.
type optional[T any] struct{ keys.Optional[T] }

// UnmarshalJSONFrom notes that the field is there, and whether it is null.
func (o *optional[T]) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	o.Set = true
	if decoder.PeekKind() == 'n' {
		o.Null = true
		return decoder.SkipValue()
	}
	return json.UnmarshalDecode(decoder, &o.Value)
}
