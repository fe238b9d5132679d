package awssecrets_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keyring/awssecrets"
)

// shelf is Secrets Manager with one secret that has no value until one is put; slow, it never answers.
type shelf struct {
	text *string
	slow bool
}

func (s *shelf) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if s.text == nil || *in.SecretId != "keyward/signing" {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: s.text}, nil
}

func (s *shelf) PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	if s.slow {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if *in.SecretId != "keyward/signing" {
		return nil, &types.ResourceNotFoundException{}
	}
	s.text = in.SecretString
	return &secretsmanager.PutSecretValueOutput{}, nil
}

func vault(shelf *shelf, secret string) keyring.Vault {
	return awssecrets.Vault{Source: awssecrets.Source{Client: shelf, SecretID: secret}, Writer: shelf}
}

func TestWhatIsSavedIsTheSecretsText(t *testing.T) {
	shelf := &shelf{}
	vault := vault(shelf, "keyward/signing")
	if _, err := vault.Load(t.Context()); !errors.Is(err, keyring.ErrNone) {
		t.Errorf("before: error = %v, want keyring.ErrNone", err)
	}
	if err := vault.Save(t.Context(), []byte(`{"current":"s1"}`)); err != nil {
		t.Fatal(err)
	}
	if got, err := vault.Load(t.Context()); err != nil || string(got) != `{"current":"s1"}` {
		t.Errorf("loaded %s, %v", got, err)
	}
}

// An error about a secret must be of use without holding any of it.
func TestAFailedSaveNamesTheSecretAndQuotesNothing(t *testing.T) {
	err := vault(&shelf{}, "keyward/other").Save(t.Context(), []byte("private"))
	if err == nil || !strings.Contains(err.Error(), "keyward/other") || strings.Contains(err.Error(), "private") {
		t.Errorf("error = %v", err)
	}
}

func TestASaveIsGivenUpAfterThreeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		err := vault(&shelf{slow: true}, "keyward/signing").Save(t.Context(), []byte("{}"))
		if waited := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || waited != 3*time.Second {
			t.Errorf("error %v after %s, want the deadline after 3s", err, waited)
		}
	})
}
