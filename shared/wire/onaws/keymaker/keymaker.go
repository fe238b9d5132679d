// Package keymaker is the part of the function that makes the keys which sign keys in JWT format, and what that function
// is asked: by CloudFormation, as a custom resource, or by an operator who invokes it.
package keymaker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring/awssecrets"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws/awsenv"
)

// Part adds the secret in Secrets Manager, to be read and written.
func Part(parts *wire.Parts) {
	client := secretsmanager.NewFromConfig(awsenv.Config("SECRETS_MANAGER"))
	parts.Vault = awssecrets.Vault{Source: awssecrets.Source{Client: client, SecretID: parts.Config.SigningKeys}, Writer: client}
}

// Custodian makes and changes signing keys; jwtkey.Custodian does.
type Custodian interface {
	Ensure(ctx context.Context) (jwtkey.Custody, error)
	Rotate(ctx context.Context) (jwtkey.Custody, error)
	Withdraw(ctx context.Context, kid string) (jwtkey.Custody, error)
}

// Handler is the function.
type Handler func(ctx context.Context, event json.RawMessage) (any, error)

// New is the function that has custodian do what an event asks for.
//
// CloudFormation's Create and Update ensure that there is a key, and its Delete does nothing; the answer goes to the URL
// that the event names. Anybody else who may invoke the function sends {"rotate": true}, {"withdraw": "<kid>"}, or {} to
// ensure the same, and is answered with a jwtkey.Custody.
func New(custodian Custodian, log *slog.Logger) Handler {
	k := keymaker{custodian, log}
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		var resource cfn.Event
		if err := json.Unmarshal(event, &resource); err == nil && resource.ResponseURL != "" {
			return cfn.LambdaWrap(k.deploy)(ctx, resource)
		}
		return k.obey(ctx, event)
	}
}

type keymaker struct {
	custodian Custodian
	log       *slog.Logger
}

// resourceID never changes, so that CloudFormation never replaces the resource.
const resourceID = "signing-keys"

// deploy does what a deployment needs.
func (k keymaker) deploy(ctx context.Context, event cfn.Event) (string, map[string]any, error) {
	if event.RequestType == cfn.RequestDelete {
		return resourceID, nil, nil
	}
	custody, err := k.custodian.Ensure(ctx)
	k.tell(ctx, "ensure", custody, err)
	return resourceID, map[string]any{"Current": custody.Current}, err
}

// order is what an operator asks for.
type order struct {
	Rotate   bool    `json:"rotate"`
	Withdraw *string `json:"withdraw"`
}

var (
	errTwoOrders = errors.New("rotate and withdraw are two invocations")
	errNoKey     = errors.New(`withdraw is empty: it must be the id of a published signing key; {} lists them`)
)

// obey does what an operator asks for.
func (k keymaker) obey(ctx context.Context, event json.RawMessage) (any, error) {
	var order order
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return nil, fmt.Errorf(`the event must be {}, {"rotate": true} or {"withdraw": "<kid>"}: %w`, err)
	}
	doing, do := "ensure", k.custodian.Ensure
	switch {
	case order.Rotate && order.Withdraw != nil:
		return nil, errTwoOrders
	case order.Withdraw != nil && *order.Withdraw == "":
		return nil, errNoKey
	case order.Rotate:
		doing, do = "rotate", k.custodian.Rotate
	case order.Withdraw != nil:
		doing = "withdraw " + *order.Withdraw
		do = func(ctx context.Context) (jwtkey.Custody, error) { return k.custodian.Withdraw(ctx, *order.Withdraw) }
	}
	custody, err := do(ctx)
	k.tell(ctx, doing, custody, err)
	return custody, err
}

// tell logs what became of an order.
func (k keymaker) tell(ctx context.Context, doing string, custody jwtkey.Custody, err error) {
	if err != nil {
		k.log.ErrorContext(ctx, "signing keys", "asked_to", doing, "error", err)
		return
	}
	k.log.InfoContext(ctx, "signing keys", "asked_to", doing, "current", custody.Current, "published", custody.Published)
}
