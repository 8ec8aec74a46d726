// Package story plays what the gateway is for, against running programs, and
// prints each request, its answer and what the register received.
package story

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/voorpoort/voorpoort/cmd/demo/petshop"
	"github.com/voorpoort/voorpoort/cmd/demo/register"
)

// Cats is the collection of the story.
const Cats = "/api/objects/pet-store/pet-store-cat-schema"

var errOtherwise = errors.New("the story went otherwise")

// Stage is what the story looks at and moves. All fields are required.
type Stage struct {
	// Gateway is the base URL that clients use, without a slash at the end.
	Gateway string
	// Register is the register behind the gateway.
	Register *register.Register
	// Month sets what month the validator thinks it is.
	Month func(time.Month)
	// StopValidator and StartValidator take the validator off and on the network.
	StopValidator, StartValidator func() error
	// OnFailure loads the gateway with the policy: "reject" or "allow".
	OnFailure func(policy string) error
	// Shop is who is told afterwards.
	Shop *petshop.Shop
	// CloseShop and OpenShop take the shop off and on the network.
	CloseShop, OpenShop func() error
	// KillGateway ends the gateway as kill -9 does; StartGateway starts it again.
	KillGateway, StartGateway func() error
	// LogLine is the gateway's first log line that has all parts, or "".
	LogLine func(parts ...string) string
	// Out is where the story is told.
	Out io.Writer
}

// say prints one paragraph line.
func (s Stage) say(format string, args ...any) {
	fmt.Fprintf(s.Out, "  "+format+"\n", args...)
}

func (s Stage) title(number int, text string) {
	fmt.Fprintf(s.Out, "\n%d. %s\n\n", number, text)
}

func otherwise(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errOtherwise}, args...)...)
}
