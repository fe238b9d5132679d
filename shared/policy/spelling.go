package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// spelling is a name without what some reader of queries or headers passes over: in lower case, and with _ for each of
// . - [ and space. PHP reads customer.id as customer_id, and customer_id[]=c2 after customer_id=c1 in its place; ASP.NET reads
// any case, CGI X_Customer as X-Customer, and Rack before its third version a parameter behind a ;.
type spelling string

func spellingOf(name string) spelling {
	plain := []byte(name) // ValidID holds for the names of places
	for i, c := range plain {
		plain[i] = plainly(c)
	}
	return spelling(plain)
}

func plainly(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case c == '.', c == '-', c == ' ', c == '[':
		return '_'
	default:
		return c
	}
}

// inNames reports whether another of the names than exact may be taken for it.
func (s spelling) inNames(exact string, values Values) bool {
	for name := range values {
		if name != exact && s.matches(name) {
			return true
		}
	}
	return false
}

// inQuery is inNames for a query string, where some readers begin a new parameter at a ;. One that was decoded does not show
// whether the ; was.
func (s spelling) inQuery(exact string, query Values) bool {
	if s.inNames(exact, query) {
		return true
	}
	for name, values := range query {
		if s.behindSemicolon(name) {
			return true
		}
		for _, value := range values {
			if s.behindSemicolon(value) {
				return true
			}
		}
	}
	return false
}

func (s spelling) behindSemicolon(text string) bool {
	for _, rest, found := strings.Cut(text, ";"); found; _, rest, found = strings.Cut(rest, ";") {
		parameter, _, _ := strings.Cut(rest, ";")
		if name, _, _ := strings.Cut(parameter, "="); s.matches(name) {
			return true
		}
	}
	return false
}

// matches reports whether some reader may take name for that of the spelling. Spaces around it are passed over, and brackets
// before it; behind it a bracket begins an index, and a control byte ends the name. It allocates nothing.
func (s spelling) matches(name string) bool {
	name = strings.TrimLeftFunc(name, func(r rune) bool { return unicode.IsSpace(r) || bracket(r) })
	for i := range len(s) {
		c, size := lower(name)
		if c != s[i] {
			return false
		}
		name = name[size:]
	}
	name = strings.TrimLeftFunc(name, unicode.IsSpace)
	next, _ := utf8.DecodeRuneInString(name)
	return name == "" || bracket(next) || unicode.IsControl(next)
}

func bracket(r rune) bool { return r == '[' || r == ']' }

// lower is the first letter of name as a spelling has it, and its size in bytes; 0 where no spelling has it. Two letters
// beyond ASCII are k and s in another case.
func lower(name string) (byte, int) {
	r, size := utf8.DecodeRuneInString(name)
	switch {
	case size == 0:
		return 0, 0
	case r < utf8.RuneSelf:
		return plainly(byte(r)), size
	case r == '\u212a':
		return 'k', size
	case r == '\u017f':
		return 's', size
	default:
		return 0, size
	}
}
