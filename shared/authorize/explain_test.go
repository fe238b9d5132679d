package authorize_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// explained explains, and checks the reason and what the store was asked.
func (b *books) explained(request authorize.Request, reason apikey.Reason, asked calls) policy.Explanation {
	b.Helper()
	b.store.calls = calls{}
	explanation, err := b.Explain(b.Context(), request)
	if err != nil || explanation.Reason != reason {
		b.Errorf("explanation = %s, %v; want %s", explanation.Reason, err, reason)
	}
	if diff := cmp.Diff(asked, b.store.calls); diff != "" {
		b.Errorf("%s: calls to the store (-want +got)\n%s", reason, diff)
	}
	return explanation
}

func passed(reasons ...apikey.Reason) []policy.Check {
	var checks []policy.Check
	for _, reason := range reasons {
		checks = append(checks, policy.Check{Reason: reason, Result: policy.Passed})
	}
	return checks
}

func failed(reason apikey.Reason) policy.Check {
	return policy.Check{Reason: reason, Result: policy.Failed}
}

// An explanation of a credential that never reaches the store ends with the check that it failed.
func TestTheChecksOfACredentialsTextNeedNoStore(t *testing.T) {
	b := newBooks(t)
	_, secret := b.enter()
	staging := asking(secret.Reveal())
	staging.Environment = apikey.Staging
	tests := map[apikey.Reason]struct {
		request authorize.Request
		want    []policy.Check
	}{
		apikey.CredentialMissing:   {asking(""), []policy.Check{failed(apikey.CredentialMissing)}},
		apikey.CredentialMalformed: {asking("hunter2"), append(passed(apikey.CredentialMissing), failed(apikey.CredentialMalformed))},
		apikey.WrongEnvironment:    {staging, append(passed(apikey.CredentialMissing, apikey.CredentialMalformed), failed(apikey.WrongEnvironment))},
	}
	for reason, test := range tests {
		explanation := b.explained(test.request, reason, calls{})
		if diff := cmp.Diff(test.want, explanation.Checks); diff != "" || explanation.Record != nil {
			t.Errorf("%s: checks (-want +got)\n%s", reason, diff)
		}
	}
}

// Every check is listed in the order of the contract; nothing is spent, noted or hashed again.
func TestAnExplanationListsEveryCheckAndSpendsNothing(t *testing.T) {
	b := newBooks(t)
	alice := b.member("org_acme", "alice", org.MemberActive, "admin")
	id, secret := b.enter(inheriting(alice), allowing("203.0.113.0/24"))
	b.setRing(twoRing)
	b.restart()
	explanation := b.explained(needing(secret, "dns:write"), apikey.Allowed, calls{Reads: 1, Standings: 1})
	last := apikey.Reason("")
	for i, check := range explanation.Checks {
		if check.Result == policy.Failed || check.Reason == last {
			t.Errorf("check %d is %+v", i, check)
		}
		last = check.Reason
	}
	head := passed(apikey.CredentialMissing, apikey.CredentialMalformed, apikey.WrongEnvironment, apikey.KeyUnknown, apikey.KeyRevoked)
	if diff := cmp.Diff(head, explanation.Checks[:len(head)]); diff != "" || last != apikey.ScopeDenied {
		t.Errorf("the first checks (-want +got)\n%s\nthe last is %s", diff, last)
	}
	b.explained(from(secret, "198.51.100.7"), apikey.IPDenied, calls{Reads: 1, Standings: 1})
	if record := b.records[id]; record.Total != 0 || !record.LastUsedAt.IsZero() || record.Digest.Pepper() != "k1" {
		t.Errorf("an explanation changed the record: %+v", record)
	}
}

// A wrong secret, another organization's key and a key that does not exist can't be told apart.
func TestAStrangersExplanationIsOneCheck(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(inheriting(b.member("org_acme", "alice", org.MemberActive, "admin")))
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1, Standings: 1})
	want := policy.Explanation{Decision: policy.Decision{Reason: apikey.KeyUnknown}, Checks: []policy.Check{failed(apikey.KeyUnknown)}}
	for name, request := range map[string]authorize.Request{
		"a wrong secret":         admitting(apikey.NewSecret("vg", apikey.Production, id).Reveal(), "org_acme"),
		"another organization's": admitting(secret.Reveal(), "org_other"),
		"no such key":            admitting(apikey.NewSecret("vg", apikey.Production, "00000000").Reveal(), "org_acme"),
	} {
		explanation, err := b.Explain(t.Context(), request)
		if diff := cmp.Diff(want, explanation, cmp.AllowUnexported(policy.Holding{})); err != nil || diff != "" {
			t.Errorf("%s: %v, explanation (-want +got)\n%s", name, err, diff)
		}
	}
}

// An Admin explains a key by its id alone: the check of the secret is skipped, all others are made.
func TestAKeyIsExplainedByItsIDWithoutItsSecret(t *testing.T) {
	b := newBooks(t)
	id, _ := b.enter(allowing("203.0.113.0/24"), func(r *apikey.Record) { r.Limits.PerMinute = 1; r.Counts = r.Counts.Add(noon) })
	request := admitting("", "org_acme")
	request.Permission = "dns:write"
	explanation, err := b.ExplainKey(t.Context(), id, request)
	if err != nil || explanation.Reason != apikey.RateLimited || b.store.calls != (calls{Reads: 1}) {
		t.Fatalf("explanation %+v, %v after %+v", explanation, err, b.store.calls)
	}
	results := map[apikey.Reason]policy.Result{}
	for _, check := range explanation.Checks {
		results[check.Reason] = check.Result
	}
	for reason, want := range map[apikey.Reason]policy.Result{
		apikey.WrongEnvironment: policy.Passed, apikey.KeyUnknown: policy.Skipped, apikey.IPDenied: policy.Passed,
		apikey.RateLimited: policy.Failed, apikey.PermissionDenied: policy.Failed,
	} {
		if results[reason] != want {
			t.Errorf("%s: %s, want %s", reason, results[reason], want)
		}
	}
}

func TestAKeyOfAnEnvironmentIsExplainedForThatOne(t *testing.T) {
	b := newBooks(t)
	id, _ := b.enter(func(r *apikey.Record) { r.Environment = apikey.Staging })
	explanation, err := b.ExplainKey(t.Context(), id, admitting("", "org_acme"))
	if err != nil || explanation.Reason != apikey.WrongEnvironment {
		t.Errorf("explanation %s, %v", explanation.Reason, err)
	}
	any := admitting("", "org_acme")
	any.AnyEnvironment = true
	if explanation, err = b.ExplainKey(t.Context(), id, any); err != nil || explanation.Reason != apikey.Allowed {
		t.Errorf("explanation %s, %v", explanation.Reason, err)
	}
}

// Another organization's key can't be explained, nor told from one that does not exist, whatever else fails.
func TestAnothersKeyIsExplainedLikeNone(t *testing.T) {
	b := newBooks(t)
	theirs, _ := b.enter(inheriting(b.member("org_acme", "alice", org.MemberActive, "admin")))
	b.store.unread = errReadOnly
	_, want := b.ExplainKey(t.Context(), "00000000", admitting("", "org_other"))
	_, got := b.ExplainKey(t.Context(), theirs, admitting("", "org_other"))
	if !errors.Is(got, fault.KeyNotFound) || got.Error() != want.Error() {
		t.Errorf("error = %v, want %v", got, want)
	}
}

// A store that fails explains nothing.
func TestAnExplanationThatCannotBeReadIsUnavailable(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(inheriting(b.member("org_acme", "alice", org.MemberActive, "admin")))
	for name, fail := range map[string]func(){
		"the record":   func() { b.store.err = errReadOnly },
		"the standing": func() { b.store.err, b.store.unread = nil, errReadOnly },
	} {
		fail()
		_, err := b.Explain(t.Context(), asking(secret.Reveal()))
		_, errKey := b.ExplainKey(t.Context(), id, admitting("", "org_acme"))
		if !errors.Is(err, fault.Unavailable) || !errors.Is(errKey, fault.Unavailable) {
			t.Errorf("%s: errors %v and %v", name, err, errKey)
		}
	}
}
