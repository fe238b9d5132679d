package stack_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNothingOffendsAgainstAwsSolutionsUnexplained runs cdk-nag's AwsSolutions over every resource.
func TestNothingOffendsAgainstAwsSolutionsUnexplained(t *testing.T) {
	for name, d := range map[string]deployment{"usual": usual(), "optional": optional()} {
		for _, finding := range d.findings {
			if finding.fault {
				t.Errorf("%s: %s: %s", name, finding.Path, finding.Entry.Data)
			}
		}
	}
}

var rule = regexp.MustCompile(`AwsSolutions-\w+`)

// TestEverySuppressionHasAReasonAndAFinding keeps the explanations true: one for what is no longer found must go.
func TestEverySuppressionHasAReasonAndAFinding(t *testing.T) {
	var found []string
	for _, finding := range slices.Concat(usual().findings, optional().findings) {
		if !finding.fault {
			found = append(found, rule.FindString(finding.Entry.Data))
		}
	}
	if len(found) == 0 {
		t.Fatal("cdk-nag found nothing at all: did it run?")
	}
	for _, template := range []template{usual().data, usual().service} {
		for id, resource := range template.Resources {
			for _, suppression := range list(at(resource.Metadata, "cdk_nag", "rules_to_suppress")) {
				if len(strings.Fields(fmt.Sprint(at(suppression, "reason")))) < 8 {
					t.Errorf("%s: %v", id, suppression)
				}
				if !slices.Contains(found, fmt.Sprint(at(suppression, "id"))) {
					t.Errorf("%s: %v is suppressed, but nothing is found", id, at(suppression, "id"))
				}
			}
		}
	}
}
