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
func Healthy(_ Call, send func() error) error { return send() }

// LoseReply lets the nth write happen, and loses its reply.
func LoseReply(nth int) Fault {
	return loseReplies(func(c Call) bool { return c.NthWrite == nth })
}

// LoseRepliesFrom lets every write from the nth on happen, and loses its reply: the caller never learns of any.
func LoseRepliesFrom(nth int) Fault {
	return loseReplies(func(c Call) bool { return c.NthWrite >= nth })
}

func loseReplies(of func(Call) bool) Fault {
	return func(c Call, send func() error) error {
		err := send()
		if of(c) {
			return ErrLost
		}
		return err
	}
}

// DieAfter lets that many writes through, and nothing afterwards.
func DieAfter(writes int) Fault {
	return func(c Call, send func() error) error {
		if c.NthWrite > writes {
			return ErrDead
		}
		return send()
	}
}

// ConflictsBut answers all but every nth write as DynamoDB does when a transaction meets another write of the same
// item. DynamoDB Local never does.
func ConflictsBut(nth int) Fault {
	return func(c Call, send func() error) error {
		switch {
		case !c.Write || c.NthWrite%nth == 0:
			return send()
		case c.Operation == "TransactWriteItems":
			return cancelled("TransactionConflict")
		default:
			return &types.TransactionConflictException{Message: aws.String("injected")}
		}
	}
}

// ThrottleEvery throttles every nth call; 1 is all of them.
func ThrottleEvery(nth int) Fault {
	return func(c Call, send func() error) error {
		switch {
		case c.Number%nth != 0:
			return send()
		case c.Operation == "TransactWriteItems":
			return cancelled("ThrottlingError")
		default:
			return &types.ProvisionedThroughputExceededException{Message: aws.String("injected")}
		}
	}
}

func cancelled(code string) error {
	return &types.TransactionCanceledException{
		Message:             aws.String("injected"),
		CancellationReasons: []types.CancellationReason{{Code: aws.String(code)}},
	}
}
