package protect

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// guard collects what is wrong with how an API is protected. What it has found stops the synthesis.
type guard struct {
	problems []string
	expected []func() string // asked when all of the app has been seen; empty: fine
}

// problem notes a problem, once.
func (g *guard) problem(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(g.problems, text) {
		g.problems = append(g.problems, text)
	}
}

// unseen notes that an API is made from a document, so that what it is asked for is nowhere in the app.
func (g *guard) unseen(what string) {
	g.problem("the API is made from an OpenAPI document, whose %s nobody can see here: write the authorizer into it", what)
}

// expect notes a problem if, when all of the app has been seen, missing says one.
func (g *guard) expect(missing func() string) { g.expected = append(g.expected, missing) }

// watch visits everything in the app when it is synthesized, before whoever only reads.
func (g *guard) watch(construct constructs.Construct, visit func(constructs.IConstruct)) {
	awscdk.Aspects_Of(construct.Node().Root()).Add(&visitor{visit}, &awscdk.AspectOptions{Priority: awscdk.AspectPriority_MUTATING()})
	construct.Node().AddValidation(&validation{g})
}

// visitor is an aspect.
type visitor struct{ visit func(constructs.IConstruct) }

// Visit is called for each construct of the app.
func (v *visitor) Visit(node constructs.IConstruct) { v.visit(node) }

// validation says what is wrong; anything at all makes the synthesis fail.
type validation struct{ guard *guard }

// Validate is called when the aspects have seen everything.
func (v *validation) Validate() *[]*string {
	texts := []*string{}
	for _, problem := range v.guard.problems {
		texts = append(texts, &problem)
	}
	for _, missing := range v.guard.expected {
		if problem := missing(); problem != "" {
			texts = append(texts, &problem)
		}
	}
	return &texts
}

// public is what callers may reach without a key: how often each entry of Public was met.
type public map[string]int

func newPublic(g *guard, entries []string) public {
	p := public{}
	for _, entry := range entries {
		p[entry] = 0
		g.expect(func() string {
			if p[entry] == 0 {
				return fmt.Sprintf("Public names %q, which the API does not have", entry)
			}
			return ""
		})
	}
	return p
}

// has reports whether an entry is public.
func (p public) has(entry string) bool {
	if _, named := p[entry]; !named {
		return false
	}
	p[entry]++
	return true
}

// guards says in a stage's variables what it is, for which the authorizer takes nobody else's word.
func (g *guard) guards(service, environment string) {
	if service == "" {
		g.problem("Service is empty: it is the id of a service of keyward's catalog")
	}
	if service == policy.OwnService {
		g.problem("Service %q is keyward's own API, whose functions refuse what the authorizer lets through: give the id of another service of the catalog", service)
	}
	if !apikey.Environment(environment).Valid() {
		g.problem("Environment %q is none of %v", environment, apikey.Environments)
	}
}
