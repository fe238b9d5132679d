package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// acknowledge is the first argument of a test binary that is to be killed: see acknowledgeForEver.
const acknowledge = "acknowledge"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == acknowledge {
		fmt.Fprintln(os.Stderr, acknowledgeForEver(file(os.Args[2])))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// spendsEach is how many spends follow each create of a process that is to be killed.
const spendsEach = 5

// acknowledgeForEver creates keys and spends on them, and says so on stdout after each has returned.
func acknowledgeForEver(path file) error {
	ctx := context.Background()
	store, err := Open(ctx, string(path))
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		key := newKey(n)
		if err := store.Create(ctx, creationOf(key)); err != nil {
			return err
		}
		fmt.Println("created", string(key.ID))
		for range spendsEach {
			if _, err := store.Spend(ctx, spendOf(key)); err != nil {
				return err
			}
			fmt.Println("spent", string(key.ID))
		}
	}
}

// What a process has acknowledged outlives it, however it ends.
func TestAKilledProcessLosesNothingAcknowledged(t *testing.T) {
	path := newFile(t)
	if err := found(t, path.open(t)); err != nil {
		t.Fatal(err)
	}
	created, spent := killed(t, path, 400)
	store := path.open(t)
	for id := range created {
		var total int64
		err := store.reads.QueryRowContext(t.Context(), "SELECT total FROM records JOIN details USING (id) WHERE id = ?", id).Scan(&total)
		if err != nil {
			t.Fatalf("key %s was acknowledged: %v", id, err)
		}
		if total < int64(spent[id]) {
			t.Errorf("key %s: %d spends were acknowledged, %d are there", id, spent[id], total)
		}
	}
}

// killed runs acknowledgeForEver in a process of its own, kills it in the midst of its work after some lines,
// and gives what it said until then.
func killed(t *testing.T, path file, lines int) (created, spent map[string]int) {
	t.Helper()
	child := exec.Command(os.Args[0], acknowledge, string(path))
	child.Stderr = os.Stderr
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(time.Minute, func() { _ = child.Process.Kill() })
	defer watchdog.Stop()
	created, spent = map[string]int{}, map[string]int{}
	scanner := bufio.NewScanner(said)
	for line := 1; scanner.Scan(); line++ {
		var what, id string
		if _, err := fmt.Sscan(scanner.Text(), &what, &id); err == nil {
			map[string]map[string]int{"created": created, "spent": spent}[what][id]++
		}
		if line == lines {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if len(created) < lines/(spendsEach+1) {
		t.Fatalf("only %d creates before the end", len(created))
	}
	return created, spent
}
