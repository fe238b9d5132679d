package dynamotest

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Size is the size of an item as DynamoDB reckons it: names and values in UTF-8, a number in a byte for each two digits
// and one more, a list or a map three bytes and one for each of its entries.
func Size(item map[string]types.AttributeValue) int {
	size := 0
	for name, value := range item {
		size += len(name) + sizeOf(value)
	}
	return size
}

func sizeOf(value types.AttributeValue) int {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return (len(v.Value)+1)/2 + 1
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberL:
		size := 3
		for _, entry := range v.Value {
			size += 1 + sizeOf(entry)
		}
		return size
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + Size(v.Value)
	default:
		return 1
	}
}
