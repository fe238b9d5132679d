package apikey

// Environment is where a key holds: a key belongs to exactly one, for ever.
type Environment string

// The environments.
const (
	Production  Environment = "production"
	Staging     Environment = "staging"
	Development Environment = "development"
	Test        Environment = "test"
)

// Environments are all environments, in the order in which a form offers them.
var Environments = []Environment{Production, Staging, Development, Test}

// Tag is what stands for the environment inside a secret: live, stg, dev or test; empty for
// what is no environment.
func (e Environment) Tag() string {
	switch e {
	case Production:
		return "live"
	case Staging:
		return "stg"
	case Development:
		return "dev"
	case Test:
		return "test"
	default:
		return ""
	}
}

// Valid reports whether e is one of Environments.
func (e Environment) Valid() bool { return e.Tag() != "" }

func environmentOf(tag string) (Environment, bool) {
	for _, e := range Environments {
		if e.Tag() == tag {
			return e, true
		}
	}
	return "", false
}
