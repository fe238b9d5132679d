package size

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // the driver of the file that is filled

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keyring"
)

// fill copies the template until there are that many copies, and gives the secrets of some of them, evenly spread. It
// writes to the file itself, because a million creates, each durable before it returns, would take half an hour: the
// rows are a real create's, all but the ID and the name, and the organization counts them.
func fill(ctx context.Context, path string, made made, copies int) (secrets []apikey.Secret, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_synchronous=OFF")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // undoes nothing that was committed
	for _, table := range []string{"records", "details"} {
		if err := copyRows(ctx, tx, table, made.template, copies); err != nil {
			return nil, fmt.Errorf("filling %s: %w", table, err)
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE organizations SET live_keys = live_keys + ?, keys = keys + ?", copies, copies)
	if err != nil {
		return nil, err
	}
	if secrets, err = giveSecrets(ctx, tx, made.ring, copies, min(spread, copies)); err != nil {
		return nil, err
	}
	return secrets, tx.Commit()
}

// copyRows inserts the template's row of a table again for each number, with an ID and a name made from that.
func copyRows(ctx context.Context, tx *sql.Tx, table string, template apikey.ID, keys int) error {
	columns, err := columnsOf(ctx, tx, table)
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		switch column {
		case "id":
			values[i] = "printf('%08d', n)"
		case "name", "folded":
			values[i] = "printf('copy %08d', n)"
		default:
			values[i] = column
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf(`
		WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
		INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM numbers CROSS JOIN (SELECT * FROM %[1]s WHERE id = ?)`,
		table, strings.Join(columns, ", "), strings.Join(values, ", ")), keys, string(template))
	return err
}

// columnsOf are a table's columns, but the generated ones.
func columnsOf(ctx context.Context, tx *sql.Tx, table string) ([]string, error) {
	var list string
	err := tx.QueryRowContext(ctx, "SELECT group_concat(name, ' ') FROM pragma_table_info(?)", table).Scan(&list)
	return strings.Fields(list), err
}

// spreadID is the ID of the nth of so many copies that are spread evenly over all.
func spreadID(n, count, copies int) apikey.ID {
	return apikey.ID(fmt.Sprintf("%08d", 1+n*(copies/count)))
}

// giveSecrets gives so many copies, evenly spread, secrets of their own.
func giveSecrets(ctx context.Context, tx *sql.Tx, ring *keyring.Ring, copies, count int) ([]apikey.Secret, error) {
	secrets := make([]apikey.Secret, count)
	for n := range secrets {
		id := spreadID(n, count, copies)
		secrets[n] = apikey.NewSecret(apikey.DefaultBrand, apikey.Production, id)
		_, err := tx.ExecContext(ctx, "UPDATE records SET digest = ? WHERE id = ?", string(ring.Current(secrets[n])), string(id))
		if err != nil {
			return nil, err
		}
	}
	return secrets, nil
}
