package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/voorpoort/voorpoort/cmd/demo/felix"
	"github.com/voorpoort/voorpoort/cmd/demo/register"
	"github.com/voorpoort/voorpoort/cmd/demo/story"
)

// demo is the register, the validator and the gateway, all in this process.
type demo struct {
	out       io.Writer
	clock     *clock
	store     *register.Register
	register  *service
	validator *service
	gateway   gateway
}

func newDemo(out io.Writer) *demo {
	d := &demo{out: out, clock: &clock{}}
	d.store = register.New(d.clock.now)
	d.register = &service{handler: d.store}
	return d
}

// start brings up the three programs and prints where they are.
func (d *demo) start() error {
	if err := d.register.start(); err != nil {
		return err
	}
	d.validator = &service{handler: felix.New("http://"+d.register.address, d.clock.now)}
	if err := d.validator.start(); err != nil {
		return err
	}
	var err error
	if d.gateway, err = newGateway(d.register.address, d.validator.address); err != nil {
		return err
	}
	if err := d.gateway.load("reject"); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "register   http://%s   a sample register, in memory\n", d.register.address)
	fmt.Fprintf(d.out, "validator  http://%s   a sample validator for cats\n", d.validator.address)
	fmt.Fprintf(d.out, "gateway    http://%s   Caddy with Voorpoort, configured by:\n\n", d.gateway.address)
	for line := range strings.Lines(d.gateway.caddyfile("reject")) {
		fmt.Fprint(d.out, "    ", line)
	}
	return nil
}

// play tells the story.
func (d *demo) play(ctx context.Context) error {
	defer d.clock.set(0)
	return story.Play(ctx, story.Stage{
		Gateway:        "http://" + d.gateway.address,
		Register:       d.store,
		Month:          d.clock.set,
		StopValidator:  d.validator.stop,
		StartValidator: d.validator.start,
		OnFailure:      d.gateway.load,
		Out:            d.out,
	})
}

// invite prints what to try by hand.
func (d *demo) invite() {
	fmt.Fprintf(d.out, `
All of it stays up until Ctrl-C. Try:

  curl -i -H 'Content-Type: application/json' -d '{"name": "Tibbe"}' http://%[1]s%[3]s
  curl -i -H 'Content-Type: application/json' -d '{"name": "Felix"}' http://%[1]s%[3]s
  curl -i -H 'Content-Type: application/json' -d '{"name": "Tibbe", "name": "Felix"}' http://%[1]s%[3]s
  curl -s 'http://%[1]s%[3]s?name=Minoes'

and, past the gateway, straight to the register:

  curl -i -d '{"name": "Felix"}' http://%[2]s%[3]s
`, d.gateway.address, d.register.address, story.Cats)
}

// stop takes everything down, whatever had come up.
func (d *demo) stop() error {
	errs := []error{d.gateway.stop()}
	for _, s := range []*service{d.validator, d.register} {
		if s != nil {
			errs = append(errs, s.stop())
		}
	}
	return errors.Join(errs...)
}
