package stack_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// What a deployment creates in an account is the table of the README, to the last resource.
func TestReadmeCountsWhatIsCreated(t *testing.T) {
	readme := string(must(os.ReadFile("../../README.md")))
	_, section, found := strings.Cut(readme, "**What it creates**")
	if !found {
		t.Fatal("README.md does not say what a deployment creates")
	}
	section, _, _ = strings.Cut(section, "\n**")
	documented, created := map[string]int{}, map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+) \| (\d.*?) \|`).FindAllStringSubmatch(section, -1) {
		for _, kind := range regexp.MustCompile(`(\d+) (\w+)`).FindAllStringSubmatch(row[2], -1) {
			documented["AWS::"+row[1]+"::"+kind[2]] = must(strconv.Atoi(kind[1]))
		}
	}
	for _, template := range []template{usual().data, usual().service} {
		for _, resource := range template.Resources {
			if resource.Type != "Custom::SigningKeys" {
				created[resource.Type]++
			}
		}
	}
	if diff := cmp.Diff(created, documented); diff != "" {
		t.Errorf("(-created +documented):\n%s", diff)
	}
}

// The price of what costs by the month follows from the table of what is created.
func TestReadmeCountsWhatCostsByTheMonth(t *testing.T) {
	alarms, secrets := len(usual().service.ids("AWS::CloudWatch::Alarm")), len(usual().data.ids("AWS::SecretsManager::Secret"))
	fixed := strconv.FormatFloat(0.10*float64(alarms)+3+0.40*float64(secrets), 'f', 2, 64)
	for _, file := range []string{"../../README.md", "../README.md"} {
		if text := string(must(os.ReadFile(file))); !strings.Contains(text, "$"+fixed) {
			t.Errorf("%s does not say that a month costs $%s", file, fixed)
		}
	}
}

// What each function may do can be read without reading Go: the table of infra/README.md is that of the functions.
func TestReadmeSaysWhatEachFunctionMayDo(t *testing.T) {
	var table strings.Builder
	table.WriteString("| function | on the table | on its index | secrets |\n| --- | --- | --- | --- |\n")
	for _, row := range httpapi.Functions {
		secrets := []string{}
		if row.Peppers {
			secrets = append(secrets, "reads the peppers")
		}
		switch {
		case row.Keymaker:
			secrets = append(secrets, "reads and writes the signing keys")
		case row.Signing:
			secrets = append(secrets, "reads the signing keys")
		}
		actions := strings.Join(row.Table, ", ")
		if row.PublicKeys {
			actions += "; the public keys alone"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", row.Name, actions, strings.Join(row.Index, ", "), strings.Join(secrets, ", "))
	}
	if readme := string(must(os.ReadFile("../README.md"))); !strings.Contains(readme, table.String()) {
		t.Errorf("infra/README.md does not have the table\n%s", &table)
	}
}
