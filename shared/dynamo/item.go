package dynamo

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is an item, or a map inside one. It is marshalled by hand: the hot path reads one for every request.
type item map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func flag(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func nested(i item) types.AttributeValue { return &types.AttributeValueMemberM{Value: i} }

func texts(list []string) types.AttributeValue {
	values := make([]types.AttributeValue, len(list))
	for i, s := range list {
		values[i] = text(s)
	}
	return &types.AttributeValueMemberL{Value: values}
}

// The setters leave out what is empty, zero or false.

func (i item) setText(name, s string) {
	if s != "" {
		i[name] = text(s)
	}
}

func (i item) setNumber(name string, n int64) {
	if n != 0 {
		i[name] = number(n)
	}
}

func (i item) setTime(name string, t time.Time) {
	if !t.IsZero() {
		i[name] = number(t.Unix())
	}
}

func (i item) setFlag(name string, b bool) {
	if b {
		i[name] = flag(b)
	}
}

func (i item) setTexts(name string, list []string) {
	if len(list) > 0 {
		i[name] = texts(list)
	}
}

// setLimit sets what limit reads.
func (i item) setLimit(name string, list []string) {
	if list != nil {
		i[name] = texts(list)
	}
}

// has reports whether the attribute is there, whatever it holds.
func (i item) has(name string) bool {
	_, found := i[name]
	return found
}

// The getters give the zero value for what is absent or of another type.

func (i item) text(name string) string {
	if v, ok := i[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func (i item) number(name string) int64 {
	if v, ok := i[name].(*types.AttributeValueMemberN); ok {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		return n
	}
	return 0
}

func (i item) time(name string) time.Time {
	if i[name] == nil {
		return time.Time{}
	}
	return time.Unix(i.number(name), 0).UTC()
}

func (i item) flag(name string) bool {
	v, ok := i[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func (i item) binary(name string) []byte {
	if v, ok := i[name].(*types.AttributeValueMemberB); ok {
		return v.Value
	}
	return nil
}

func (i item) nested(name string) item {
	if v, ok := i[name].(*types.AttributeValueMemberM); ok {
		return v.Value
	}
	return nil
}

func (i item) list(name string) []types.AttributeValue {
	if v, ok := i[name].(*types.AttributeValueMemberL); ok {
		return v.Value
	}
	return nil
}

func (i item) texts(name string) []string {
	var list []string
	for _, value := range i.list(name) {
		if s, ok := value.(*types.AttributeValueMemberS); ok {
			list = append(list, s.Value)
		}
	}
	return list
}

// limit is a list that limits: nil, which is everything, only where there is none. One that is there and is empty, or can't be
// read to its end, is a list that nothing is in: a limit that is lost must not let anybody in.
func (i item) limit(name string) []string {
	if !i.has(name) {
		return nil
	}
	values := i.list(name)
	list := make([]string, 0, len(values))
	for _, value := range values {
		s, ok := value.(*types.AttributeValueMemberS)
		if !ok || s.Value == "" {
			return []string{}
		}
		list = append(list, s.Value)
	}
	return list
}
