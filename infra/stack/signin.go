package stack

import (
	"slices"

	"github.com/keyward/keyward/shared/session"
)

// SignIn is who may sign in, and where.
type SignIn struct {
	Issuer        string // of session tokens; empty: a Cognito user pool is made
	Audience      string // of session tokens; set if and only if Issuer is
	LoginDomain   string // prefix of the user pool's login page; empty: the deployment's name and the account's id
	LoginCallback string // where the login page may send people back to
	Signup        string // closed or personal: whether somebody unknown gets an organization of their own
	FirstAdmin    string // subject or verified e-mail; empty: nobody can sign in yet
	Organization  string // organizationName: what the first Admin's organization is called
	Operators     string // the subjects of those who operate the deployment, separated by commas; empty: nobody
}

func readSignIn(r *reader, keys Keys) SignIn {
	s := SignIn{
		Issuer:        r.text("issuer", ""),
		Audience:      r.text("audience", ""),
		LoginDomain:   r.text("loginDomain", ""),
		LoginCallback: r.text("loginCallback", "http://localhost:8787/console"),
		Signup:        r.text("signup", keys.signup()),
		FirstAdmin:    r.text("firstAdmin", ""),
		Organization:  r.text("organizationName", ""),
		Operators:     r.text("operators", ""),
	}
	r.must((s.Issuer == "") == (s.Audience == ""), "issuer and audience must be set together")
	if s.Issuer != "" && s.Audience != "" {
		_, err := session.NewVerifier(session.Config{Issuer: s.Issuer, Audience: s.Audience})
		r.must(err == nil, "issuer and audience: %v", err)
	}
	r.must(keys.KeyIssuer == "" || keys.KeyIssuer != s.Issuer, "keyIssuer must not be issuer: nothing could tell a key from a session")
	r.must(slices.Contains([]session.Mode{session.SignupClosed, session.SignupPersonal}, session.Mode(s.Signup)), "signup must be closed or personal, not %q", s.Signup)
	return s
}
