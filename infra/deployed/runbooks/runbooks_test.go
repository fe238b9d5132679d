package runbooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/shared/replay"
)

// Whoever follows docs/operations.md to the letter gets what it says: each runbook on what the one before has left.
func TestRunbooks_doWhatTheySay(t *testing.T) {
	provider, issuer := emulatortest.Identities(t)
	emulated := emulatortest.Start(t, emulator.Options{})
	o := &operator{
		T: t, book: read(t), shell: newShell(t, emulated, emulatortest.NewBuild(t), issuer), tables: tablesOf(t, emulated),
	}
	o.follow("Operations", 0)
	o.follow("First deployment", 0)
	outputs := o.outputs()
	o.people = people{t, emulatortest.Target(emulated, outputs, provider), o.shell.dir}
	o.follow("First deployment", 1)
	o.changesThePepper()
	o.changesTheSigningKey()
	o.changesTheCatalog()
	o.changesTheTable()
	o.restores()
	o.shell.run(o.book["First deployment"][1]) // as in a new shell
	o.removes()
	for heading, blocks := range o.book {
		if o.followed[heading] != len(blocks) {
			t.Errorf("%s: %d of %d blocks were run", heading, o.followed[heading], len(blocks))
		}
	}
}

// fast is what a key needs that calls all the time.
const fast = `, "tier": "enterprise"`

// operator follows the book.
type operator struct {
	*testing.T
	book     map[string][]string
	followed map[string]int
	shell    *shell
	people   people
	tables   tables
}

// follow runs one block of a runbook, in which names are replaced by others, and gives what it wrote.
func (o *operator) follow(heading string, number int, replace ...string) string {
	o.Helper()
	if number >= len(o.book[heading]) {
		o.Fatalf("the runbook %q has no block %d", heading, number)
	}
	if o.followed == nil {
		o.followed = map[string]int{}
	}
	o.followed[heading]++
	start := time.Now()
	written := o.shell.run(strings.NewReplacer(replace...).Replace(o.book[heading][number]))
	o.Logf("%s, %d: %s", heading, number+1, time.Since(start).Round(100*time.Millisecond))
	return written
}

// outputs are those of the service's stack.
func (o *operator) outputs() map[string]string {
	o.Helper()
	var outputs []struct{ OutputKey, OutputValue string }
	text := o.shell.run("aws cloudformation describe-stacks --stack-name keyward --query 'Stacks[0].Outputs' --output json")
	if err := json.Unmarshal([]byte(text), &outputs); err != nil {
		o.Fatalf("%v: %s", err, text)
	}
	values := map[string]string{}
	for _, output := range outputs {
		values[output.OutputKey] = output.OutputValue
	}
	return values
}

// A change of the pepper refuses nobody, and those who call move to the new one.
func (o *operator) changesThePepper() {
	o.Helper()
	before := o.people.create("before the pepper", fast)
	o.people.meanwhile(func() {
		o.follow("Another pepper", 0)
		o.follow("Another pepper", 1)
	}, before)
	o.shell.run("sleep 310")
	after := o.people.create("after the pepper", "")
	o.people.want(200, before, after)
	for _, key := range []key{before, after} {
		if pepper := o.pepperOf(key); pepper != "k2" {
			o.Errorf("%s is hashed with %s, want k2", key.ID, pepper)
		}
	}
	o.shell.run(o.book["Another pepper"][0]) // the next one takes the place of none
	o.shell.run("sleep 310")
	o.people.want(200, before, after)
	if ids := o.shell.run(`aws secretsmanager get-secret-value --secret-id "$PEPPERS" --query SecretString --output text | grep -o '"k[0-9]*":' | tr -d '\n'`); ids != `"k1":"k2":"k3":` {
		o.Errorf("the ring has %s", ids)
	}
}

func (o *operator) pepperOf(key key) string {
	o.Helper()
	id := strings.TrimPrefix(key.ID, "key_")
	return o.shell.run(fmt.Sprintf(`aws dynamodb get-item --table-name "$TABLE" --key '{"pk": {"S": "KEY#%s"}, "sk": {"S": "AUTH"}}' --query Item.h.S --output text | cut -d. -f1`, id))
}

// A rotation refuses nobody; a withdrawal ends what the key has signed.
func (o *operator) changesTheSigningKey() {
	o.Helper()
	before := o.people.create("before the rotation", fast+`, "format": "jwt"`)
	o.people.meanwhile(func() { o.follow("Another signing key", 0) }, before)
	o.shell.run("sleep 310")
	after := o.people.create("after the rotation", `, "format": "jwt"`)
	o.people.want(200, before, after)
	o.follow("Another signing key", 1)
	o.shell.run("sleep 310")
	o.people.want(401, before)
	o.people.want(200, after)
}

// A tier's new number holds for new keys, and for those that exist once they have been given it; the former catalog is the way back.
func (o *operator) changesTheCatalog() {
	o.Helper()
	limit := func(key key) int { return o.people.limit(key.Secret) }
	catalog := o.shell.write("catalog.yaml", emulatortest.Catalog(o, "requests_per_minute: 100,", "requests_per_minute: 250,"))
	before := o.people.create("before the catalog", "")
	o.follow("Another catalog", 0, "catalog=catalog.yaml", "catalog="+catalog)
	after := o.people.create("after the catalog", "")
	if old, new := limit(before), limit(after); old != 100 || new != 250 {
		o.Errorf("after the deployment the limits are %d and %d, want 100 and 250", old, new)
	}
	if said := o.follow("Another catalog", 1); !strings.Contains(said, `"next": ""`) {
		o.Errorf("retier says %s", said)
	}
	if got := limit(before); got != 250 {
		o.Errorf("after retier the limit is %d, want 250", got)
	}
	o.shell.run(`make deploy CONTEXT="$CONTEXT"`)
	if got := limit(o.people.create("the former catalog", "")); got != 100 {
		o.Errorf("with the former catalog a new key's limit is %d, want 100", got)
	}
}

// A change of the table's settings, or of who encrypts it, refuses nobody and replaces nothing.
func (o *operator) changesTheTable() {
	o.Helper()
	key := o.people.create("before the settings", fast)
	o.people.meanwhile(func() {
		for number := range 3 {
			o.follow("Settings of the table", number)
		}
	}, key)
	o.shell.run(`make deploy CONTEXT="$CONTEXT kms=prepared"`)
	if now := o.shell.run("of verify Environment.Variables.KEYWARD_TABLE"); now != o.shell.run(`echo "$TABLE"`) {
		o.Errorf("the table is another one: %s", now)
	}
	o.people.want(200, key)
	o.shell.run(`export CONTEXT="$CONTEXT kms=prepared"`)
}

// A restored table brings revoked keys back; the runbook lets none of them in.
func (o *operator) restores() {
	o.Helper()
	const heading = "Restoring the table"
	kept, revoked, renewed, disabled := o.people.create("kept", ""), o.people.create("revoked", ""), o.people.create("renewed", ""), o.people.create("disabled", "")
	o.people.want(200, kept, revoked, renewed, disabled)
	then := o.tables.items(o.shell.run(`echo "$TABLE"`))
	at := time.Now().UTC().Format(time.RFC3339)
	o.people.ask("DELETE", "/v1/keys/"+revoked.ID, "")
	o.people.ask("POST", "/v1/keys/"+disabled.ID+"/disable", "")
	lost := o.people.ask("POST", "/v1/keys/"+renewed.ID+"/regenerate", "{}")

	o.follow(heading, 0)
	o.people.want(503, kept)
	o.follow(heading, 1, "2026-03-10T11:55:00Z", at)
	o.tables.rewind("keyward-restored", then)
	o.follow(heading, 2)
	for query, want := range map[string]string{
		"describe-time-to-live %s --query TimeToLiveDescription.AttributeName":                                                         "ttl",
		"describe-continuous-backups %s --query ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus": "ENABLED",
		"describe-table %s --query Table.DeletionProtectionEnabled":                                                                    "True",
	} {
		if got := o.shell.run("aws dynamodb " + fmt.Sprintf(query, `--table-name "$RESTORED" --output text`)); got != want {
			o.Errorf("%s is %s, want %s", query, got, want)
		}
	}
	o.follow(heading, 3)
	o.people.want(503, kept, revoked)
	o.follow(heading, 4)
	o.answers(map[string]replay.Did{"revoke": replay.Revoked, "update": replay.Disabled, "regenerate": replay.SecretLost})
	o.follow(heading, 5)
	o.people.want(200, kept)
	o.people.want(401, revoked, renewed, disabled, lost)
}

// answers checks what the replay of these functions' lines did.
func (o *operator) answers(want map[string]replay.Did) {
	o.Helper()
	for function, did := range want {
		var answer replay.Answer
		if err := json.Unmarshal(o.shell.file("answer-"+function+"-1.json"), &answer); err != nil {
			o.Fatal(err)
		}
		if answer.Failed > 0 || answer.Next != "" || answer.Did[did] != 1 {
			o.Errorf("the replay of %s: %+v", function, answer)
		}
	}
}

// Nothing stays that the runbook says it removes.
func (o *operator) removes() {
	o.Helper()
	o.follow("Removing everything", 0)
	for _, list := range []string{
		"aws dynamodb list-tables --query TableNames --output text",
		"aws lambda list-functions --query 'Functions[].FunctionName' --output text",
		"aws secretsmanager list-secrets --query 'SecretList[].Name' --output text",
		"aws logs describe-log-groups --query 'logGroups[].logGroupName' --output text",
		"aws cloudformation describe-stacks --query \"Stacks[?StackName!='CDKToolkit'].StackName\" --output text",
	} {
		if left := strings.Fields(o.shell.run(list)); slices.ContainsFunc(left, func(name string) bool { return name != "None" }) {
			o.Errorf("%s: %v", list, left)
		}
	}
}
