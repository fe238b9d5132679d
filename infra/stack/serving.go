package stack

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/httpapi"
)

// Serving is how requests are answered, and where.
type Serving struct {
	Architecture   string // of the functions: arm64 or amd64
	Build          string // build: the folder with a zip for each function
	TrustedProxies string // addresses and CIDRs, separated by commas; empty: none
	ForbiddenExit  bool   // the sample API answers 403 by an API Gateway API key; false: 429, as ACCESS_DENIED does
	CleanupMinutes int
	RefuseAll      bool // nobody but operators is let in: every decision is a 503
	Domain
	Throttle
}

// Domain is the admin API's own.
type Domain struct {
	DomainName     string // empty: API Gateway's
	CertificateARN string // of the domain's certificate, in this region
	HostedZoneID   string // of Route 53, where the domain's record is made; empty: made elsewhere
	HostedZoneName string // set if and only if HostedZoneID is
}

// Throttle is how much API Gateway lets through to each method of each stage, whoever sends it; 0: as much as the account may
// have.
type Throttle struct {
	ThrottleRate  int // requests a second
	ThrottleBurst int // requests at once; set if and only if ThrottleRate is
}

func readServing(r *reader) Serving {
	s := Serving{
		Architecture:   r.text("architecture", "arm64"),
		Build:          r.text("build", filepath.Join("build", "functions")),
		TrustedProxies: r.text("trustedProxies", ""),
		ForbiddenExit:  r.flag("forbiddenExit", true),
		CleanupMinutes: r.number("cleanupMinutes", 5),
		RefuseAll:      r.flag("refuseAll", false),
		Domain:         readDomain(r),
		Throttle:       readThrottle(r),
	}
	r.must(slices.Contains([]string{"arm64", "amd64"}, s.Architecture), "architecture must be arm64 or amd64, not %q", s.Architecture)
	_, err := httpapi.ParseProxies(s.TrustedProxies)
	r.must(err == nil, "trustedProxies: %v", err)
	r.must(s.CleanupMinutes >= 1 && s.CleanupMinutes <= 60, "cleanupMinutes must be 1 to 60, not %d", s.CleanupMinutes)
	return s
}

var (
	domainPattern      = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)
	certificatePattern = regexp.MustCompile(`^arn:[^:]+:acm:[^:]+:\d+:certificate/.+$`)
)

func readDomain(r *reader) Domain {
	d := Domain{
		DomainName:     r.text("domainName", ""),
		CertificateARN: r.text("certificateArn", ""),
		HostedZoneID:   r.text("hostedZoneId", ""),
		HostedZoneName: strings.TrimSuffix(r.text("hostedZoneName", ""), "."),
	}
	r.must(d.DomainName == "" || domainPattern.MatchString(d.DomainName), "domainName must be a domain in lower case, such as keys.example.com, not %q", d.DomainName)
	r.must((d.DomainName == "") == (d.CertificateARN == ""), "domainName and certificateArn must be set together")
	r.must(d.CertificateARN == "" || certificatePattern.MatchString(d.CertificateARN), "certificateArn must be the ARN of a certificate of ACM, not %q", d.CertificateARN)
	r.must((d.HostedZoneID == "") == (d.HostedZoneName == ""), "hostedZoneId and hostedZoneName must be set together")
	r.must(d.HostedZoneName == "" || d.DomainName == d.HostedZoneName || strings.HasSuffix(d.DomainName, "."+d.HostedZoneName),
		"domainName %q is not in the zone hostedZoneName %q", d.DomainName, d.HostedZoneName)
	return d
}

func readThrottle(r *reader) Throttle {
	t := Throttle{ThrottleRate: r.number("throttleRate", 0), ThrottleBurst: r.number("throttleBurst", 0)}
	r.must(t.ThrottleRate >= 0 && t.ThrottleBurst >= 0 && (t.ThrottleRate == 0) == (t.ThrottleBurst == 0),
		"throttleRate and throttleBurst must be set together, each to 1 or more")
	return t
}
