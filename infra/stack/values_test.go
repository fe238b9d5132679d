package stack_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/stack"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/wire"
)

// A misspelled value would silently have no effect, and a forgotten firstAdmin or kms is found out late.
func TestAMisspelledContextValueIsRefusedWithTheRightName(t *testing.T) {
	for wrong, right := range map[string]string{
		"alarmMail": "alarmEmail", "first-admin": "firstAdmin", "STACKNAME": "stackName", "catalogue": "catalog",
		"hostedZoneID": "hostedZoneId", "certificateARN": "certificateArn",
	} {
		_, err := stack.ReadConfig(nothing, "stackName", wrong)
		if err == nil || !strings.Contains(err.Error(), `no context value "`+wrong+`": did you mean `+right+"?") {
			t.Errorf("%s: %v, want a hint at %s", wrong, err, right)
		}
	}
}

// The CDK CLI adds values of its own.
func TestTheCDKsOwnContextValuesAreNoMistake(t *testing.T) {
	_, err := stack.ReadConfig(nothing, "aws:cdk:bundling-stacks", "@aws-cdk/core:defaultCrossStackReferences", "cli-telemetry", "acknowledged-issue-numbers",
		"availability-zones:account=1:region=eu-west-1", "kms")
	if err != nil {
		t.Error(err)
	}
}

func nothing(string) string { return "" }

// What a deployment may choose is the table of infra/README.md, no more and no less.
func TestReadmeHasNoContextValueThatThereIsNot(t *testing.T) {
	readme := string(must(os.ReadFile("../README.md")))
	_, section, found := strings.Cut(readme, "## Context values")
	if !found {
		t.Fatal("README.md has no section on context values")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var documented, read []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.*?) \|`).FindAllStringSubmatch(section, -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			documented = append(documented, name[1])
		}
	}
	if _, err := stack.ReadConfig(func(name string) string { read = append(read, name); return "" }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(documented)
	slices.Sort(read)
	if diff := cmp.Diff(slices.Compact(read), documented); diff != "" {
		t.Errorf("(-read +documented):\n%s", diff)
	}
}

// A catalog that breaks a rule is refused before anything is deployed, with its line.
func TestABrokenCatalogIsToldWithItsLine(t *testing.T) {
	path := edited(t, "id: pro, requests_per_minute: 1000", "id: pro, requests_per_minute: many")
	_, err := stack.ReadConfig(only("catalog", path))
	if err == nil || !regexp.MustCompile(`catalog\.yaml breaks these rules: catalog: line \d+: tiers\[2\]\.requests_per_minute: must be a whole number`).MatchString(err.Error()) {
		t.Errorf("got %v", err)
	}
	if _, err := stack.ReadConfig(only("catalog", "/nowhere.yaml")); err == nil || !strings.Contains(err.Error(), "catalog: open /nowhere.yaml") {
		t.Errorf("got %v", err)
	}
}

// Whoever writes a catalog says there who may sign up; the deployment may say otherwise.
func TestTheCatalogSaysWhoMaySignUp(t *testing.T) {
	path := edited(t, "# signup: closed", "signup: personal")
	if config, err := stack.ReadConfig(only("catalog", path)); err != nil || config.Signup != "personal" {
		t.Errorf("%q, %v, want personal", config.Signup, err)
	}
	both := map[string]string{"catalog": path, "signup": "closed"}
	if config, err := stack.ReadConfig(func(name string) string { return both[name] }); err != nil || config.Signup != "closed" {
		t.Errorf("%q, %v, want closed", config.Signup, err)
	}
}

// What is deployed is the program that was built, and the catalog beside it; the same of both give the same bytes.
func TestTheCatalogIsPackedBesideTheProgram(t *testing.T) {
	config := must(stack.ReadConfig(only("catalog", edited(t, "title: Billing Read", "title: Bills"))))
	config.Build = placeholders(t.TempDir())
	packed, again := must(config.Pack(t.TempDir())), must(config.Pack(t.TempDir()))
	first, second := must(os.ReadFile(filepath.Join(packed.Build, "authorizer.zip"))), must(os.ReadFile(filepath.Join(again.Build, "authorizer.zip")))
	if !bytes.Equal(first, second) {
		t.Error("the same program and catalog give other bytes")
	}
	archive := must(zip.NewReader(bytes.NewReader(first), int64(len(first))))
	if names := []string{archive.File[0].Name, archive.File[1].Name}; len(archive.File) != 2 || !slices.Equal(names, []string{"bootstrap", wire.CatalogFile}) {
		t.Fatalf("the zip holds %v", names)
	}
	catalog, err := policy.Load(must(io.ReadAll(must(archive.File[1].Open()))))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(must(json.Marshal(config.Catalog))), string(must(json.Marshal(catalog)))); diff != "" {
		t.Errorf("what a function reads (-want +got):\n%s", diff)
	}
}

// Without a catalog of its own, a deployment has the zips as they were built.
func TestWithoutACatalogNothingIsPacked(t *testing.T) {
	config := must(stack.ReadConfig(nothing))
	if packed := must(config.Pack(t.TempDir())); packed.Build != config.Build {
		t.Errorf("the zips are in %s, not %s", packed.Build, config.Build)
	}
}

// edited is the file of the shipped catalog with one text replaced.
func edited(t *testing.T, from, to string) string {
	t.Helper()
	text := string(must(os.ReadFile("../../shared/policy/catalog.yaml")))
	if strings.Count(text, from) != 1 {
		t.Fatalf("%q is there %d times", from, strings.Count(text, from))
	}
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(text, from, to, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// only is a deployment with one value.
func only(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}
