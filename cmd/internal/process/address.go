package process

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

var errNoPort = errors.New("no port is free")

// givenPorts are the ports that this process has given away.
var givenPorts sync.Map

// PickAddress finds a loopback address on which nobody listens. Its port is
// below those that the system gives to outgoing connections: while a killed
// process is away, nobody takes its place.
func PickAddress(ctx context.Context) (string, error) {
	for range 1000 {
		port := 10240 + rand.IntN(20000)
		if _, taken := givenPorts.LoadOrStore(port, true); taken {
			continue
		}
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err != nil {
			continue
		}
		return address, listener.Close()
	}
	return "", errNoPort
}

// PickAddresses finds several.
func PickAddresses(ctx context.Context, count int) ([]string, error) {
	addresses := make([]string, count)
	for i := range addresses {
		var err error
		if addresses[i], err = PickAddress(ctx); err != nil {
			return nil, err
		}
	}
	return addresses, nil
}
