package awssecrets_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keyring/awssecrets"
)

// secrets is Secrets Manager with one secret, which a nil text leaves binary; slow, it never answers.
type secrets struct {
	text *string
	slow bool
}

func (s secrets) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	switch {
	case s.slow:
		<-ctx.Done()
		return nil, ctx.Err()
	case *in.SecretId != "keyward/peppers":
		return nil, errors.New("no such secret")
	default:
		return &secretsmanager.GetSecretValueOutput{SecretString: s.text}, nil
	}
}

func TestSecretsManagerGivesTheSecretsText(t *testing.T) {
	text := `{"current":"k1"}`
	got, err := awssecrets.Source{Client: secrets{text: &text}, SecretID: "keyward/peppers"}.Load(t.Context())
	if err != nil || string(got) != text {
		t.Errorf("loaded %s, %v; want %s", got, err, text)
	}
}

// A secret that was made without a value holds an empty one in some emulators, and no version on AWS.
func TestAnEmptySecretIsNone(t *testing.T) {
	text := ""
	_, err := awssecrets.Source{Client: secrets{text: &text}, SecretID: "keyward/peppers"}.Load(t.Context())
	if !errors.Is(err, keyring.ErrNone) {
		t.Errorf("error = %v, want keyring.ErrNone", err)
	}
}

func TestSecretsManagerErrorsNameTheSecret(t *testing.T) {
	tests := map[string]awssecrets.Source{
		"no such secret": {Client: secrets{}, SecretID: "keyward/other"},
		"it is binary":   {Client: secrets{}, SecretID: "keyward/peppers"},
	}
	for want, source := range tests {
		_, err := source.Load(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), source.SecretID) {
			t.Errorf("error = %v, want it to name %s and say %q", err, source.SecretID, want)
		}
	}
}

func TestSecretsManagerIsGivenUpAfterThreeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := awssecrets.Source{Client: secrets{slow: true}, SecretID: "keyward/peppers"}.Load(t.Context())
		if waited := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || waited != 3*time.Second {
			t.Errorf("error %v after %s, want the deadline after 3s", err, waited)
		}
	})
}
