package protect_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/keyward/keyward/infra/protect"
)

// cdk-nag's AwsSolutions has nothing to say of what is made here, and finds a protected API authorized. (Of each method it says
// that no Cognito pool authorizes it, AwsSolutions-COG4, which is so.)
func TestREST_offendsNotAgainstAwsSolutions(t *testing.T) {
	var found []struct {
		ID    string
		Entry struct{ Data string }
	}
	synthesize(t, func(stack awscdk.Stack) {
		rest(func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) { props.ForbiddenExit = true })(stack)
		awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
		anything := assertions.Match_StringLikeRegexp(jsii.String("AwsSolutions.*"))
		text, err := json.Marshal(assertions.Annotations_FromStack(stack).FindError(jsii.String("*"), anything))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &found); err != nil {
			t.Fatal(err)
		}
	})
	cognito := 0
	for _, finding := range found {
		switch {
		case strings.Contains(finding.Entry.Data, "AwsSolutions-COG4"):
			cognito++
		case strings.HasPrefix(finding.ID, "/theirs/Protect"), strings.Contains(finding.Entry.Data, "AwsSolutions-APIG4"):
			t.Errorf("%s: %s", finding.ID, finding.Entry.Data)
		}
	}
	if cognito != 3 {
		t.Errorf("cdk-nag finds %d methods without Cognito, want 3: did it run?", cognito)
	}
}
