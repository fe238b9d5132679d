package dynamotest

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What a caller gets when a call fails without a word from DynamoDB.
var (
	ErrLost = errors.New("dynamotest: the reply was lost")
	ErrDead = errors.New("dynamotest: the process has died")
)

// Healthy lets every call through.
func Healthy(Call) (error, bool) { return nil, true }

// LoseReply lets the nth write happen, and loses its reply.
func LoseReply(nth int) Fault {
	return func(c Call) (error, bool) {
		if c.NthWrite == nth {
			return ErrLost, true
		}
		return nil, true
	}
}

// LoseRepliesFrom lets every write from the nth on happen, and loses its reply: the caller never learns of any.
func LoseRepliesFrom(nth int) Fault {
	return func(c Call) (error, bool) {
		if c.NthWrite >= nth {
			return ErrLost, true
		}
		return nil, true
	}
}

// DieAfter lets that many writes through, and nothing afterwards.
func DieAfter(writes int) Fault {
	done := 0
	return func(c Call) (error, bool) {
		if done >= writes {
			return ErrDead, false
		}
		if c.Write {
			done++
		}
		return nil, true
	}
}

// ConflictEvery answers all but every nth call of a write as DynamoDB does when a transaction meets another write of
// the same item. DynamoDB Local never does.
func ConflictEvery(nth int) Fault {
	return func(c Call) (error, bool) {
		if !c.Write || c.NthWrite%nth == 0 {
			return nil, true
		}
		if c.Operation == "TransactWriteItems" {
			return cancelled("TransactionConflict"), false
		}
		return &types.TransactionConflictException{Message: aws.String("injected")}, false
	}
}

// ThrottleEvery throttles every nth call; 1 is all of them.
func ThrottleEvery(nth int) Fault {
	return func(c Call) (error, bool) {
		if c.Number%nth != 0 {
			return nil, true
		}
		if c.Operation == "TransactWriteItems" {
			return cancelled("ThrottlingError"), false
		}
		return &types.ProvisionedThroughputExceededException{Message: aws.String("injected")}, false
	}
}

func cancelled(code string) error {
	return &types.TransactionCanceledException{
		Message:             aws.String("injected"),
		CancellationReasons: []types.CancellationReason{{Code: aws.String(code)}},
	}
}
