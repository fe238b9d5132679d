// Package acceptance is the contract of the HTTP API as a test suite that looks at nothing but the wire. The same
// suite runs against the house on SQLite, on DynamoDB Local, and against a deployment: what it needs of each is a
// Target. Every answer it gets, whatever it is about, is also held to what all answers must have; see answer.go.
package acceptance

import (
	"crypto/rand"
	"strings"
	"sync/atomic"
	"testing"
)

// Target is a deployment to test. Its catalog is the shipped one.
type Target struct {
	// URL is where the admin API is, without a slash at the end.
	URL string
	// TrustingURL is the same deployment, over the same keys, as one that counts this machine's address among its
	// trusted proxies. Empty: what only a trusted proxy may say is not tested.
	TrustingURL string
	// Sample gives the URL of the sample protected API's stage for an environment; its resource is /zones.
	Sample func(environment string) string
	// Token gives a session token for the member of that name, who is the Admin of an organization of their own.
	Token func(t testing.TB, member string) string
	// Operator is the member who operates the deployment.
	Operator string
	// Gaps are what the target is known to do otherwise than API Gateway. A run fails where one is not met any more.
	Gaps Gaps
	// Parallel is how many groups run at once; 0: one after the other.
	Parallel int
	// Slow is for a target that answers some ten requests a second: what shows the same again is asked less often there.
	Slow bool

	met *encounters
}

// isSample reports whether a URL is one of the sample API's.
func (t Target) isSample(url string) bool {
	for environment := range tags {
		if strings.HasPrefix(url, t.Sample(environment)) {
			return true
		}
	}
	return false
}

// often is n or, for a slow target, fewer.
func (t Target) often(n, slow int) int {
	if t.Slow {
		return slow
	}
	return n
}

// group is the part of the suite that is about one noun.
type group struct {
	name string
	run  func(t *testing.T, target Target)
}

// groups are the suite, what takes longest first.
var groups = []group{
	{"paging", testPaging},
	{"matrix", testMatrix},
	{"grants", testGrants},
	{"roles", testRoles},
	{"create", testCreate},
	{"expiry asked for", testExpiryAsked},
	{"expiry reached", testExpiryReached},
	{"idempotency", testIdempotency},
	{"list", testList},
	{"get", testGet},
	{"update", testUpdate},
	{"versions", testVersions},
	{"revoke", testRevoke},
	{"race", testRace},
	{"verify", testVerify},
	{"forward-auth", testForward},
	{"proxies", testProxies},
	{"sample", testSample},
	{"credentials", testCredentials},
	{"keys on the admin API", testKeyAsCaller},
	{"sessions", testSessions},
	{"limits", testLimits},
	{"routes", testRoutes},
	{"bad bodies", testBadBodies},
	{"bad fields", testBadFields},
	{"bad parameters", testBadParameters},
	{"organizations", testOrganizations},
	{"members", testMembers},
	{"own roles", testOwnRoles},
	{"account", testAccount},
	{"JWT keys", testJWT},
	{"permissions", testPermissions},
	{"services", testServices},
	{"customers", testCustomers},
	{"accounts", testAccounts},
	{"AI", testAI},
	{"environments", testIsolation},
	{"explain", testExplain},
	{"networks", testNetworks},
	{"addresses", testAddresses},
	{"quotas", testQuotas},
	{"states", testStates},
	{"disable and enable", testSwitching},
	{"regenerate", testRegenerate},
	{"locked keys", testLocked},
	{"successor", testSuccessor},
	{"warnings", testWarnings},
	{"contradictions", testContradictions},
	{"inherit", testInherit},
	{"decisions", testDecisions},
	{"key limit", testKeyLimit},
}

// Run holds the target to the contract. It runs the groups that `go test -run` selects; only a run of all of them can tell
// that a known gap is closed.
func Run(t *testing.T, target Target) {
	target.met = newEncounters(target.Gaps)
	var ran atomic.Int64
	parallel(max(target.Parallel, 1), len(groups), func(n int) error {
		t.Run(groups[n].name, func(t *testing.T) {
			ran.Add(1)
			groups[n].run(t, target)
		})
		return nil
	})
	if int(ran.Load()) == len(groups) {
		target.met.report(t)
	}
}

// newName is a name that no other test uses, and none of an earlier run against the same deployment.
func newName(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:12]) }
