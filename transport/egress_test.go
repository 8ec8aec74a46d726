package transport

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

func guardText(e Egress, addr string) error {
	return e.Guard(context.Background(), netip.AddrPortFrom(netip.MustParseAddr(addr), 443))
}

func TestEgressPermitsPublicAddressesOnly(t *testing.T) {
	t.Parallel()
	denied := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.1", "169.254.169.254", "169.254.255.255",
		"172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.0.255", "192.0.2.1", "192.88.99.1",
		"192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.255",
		"224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",

		"::", "::1", "::2", "::10.0.0.1", "::8.8.8.8", "100::1", "400::1", "1fff::1",
		"2001::1", "2001:0:4136:e378::1", "2001:2::1", "2001:1ff:ffff::1", "2001:db8::1", "3fff::1", "3fff:fff::1",
		"4000::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1",
		"ff00::1", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",

		"::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:10.0.0.1",
		"64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::100.64.0.1", "64:ff9b::0.0.0.0",
		"64:ff9b:1::8.8.8.8", "64:ff9b::1:0:0",
		"2002:a00:1::", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:1::", "2002:e000:1::",
	}
	for _, addr := range denied {
		err := guardText(Egress{}, addr)
		var egress *EgressError
		require.ErrorAs(t, err, &egress, addr)
		require.NotEmpty(t, egress.Kind)
		require.True(t, egress.Addr.IsValid())
	}
	permitted := []string{
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
		"192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255",
		"8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
		"2000::1", "2001:200::1", "2001:4860:4860::8888", "2a00:1450::1", "3ffe::1",
	}
	for _, addr := range permitted {
		require.NoError(t, guardText(Egress{}, addr), addr)
	}
}

func TestEgressAllowList(t *testing.T) {
	t.Parallel()
	allow := func(networks ...string) (e Egress) {
		for _, n := range networks {
			e.Allow = append(e.Allow, netip.MustParsePrefix(n))
		}

		return e
	}
	lan := allow("10.1.0.0/16", "fd00:1::/32")
	for _, addr := range []string{"10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "2002:a01:203::1", "fd00:1::9"} {
		require.NoError(t, guardText(lan, addr), addr)
	}
	for _, addr := range []string{"10.2.0.1", "127.0.0.1", "64:ff9b::10.2.0.1", "fd00:2::1", "169.254.169.254"} {
		require.Error(t, guardText(lan, addr), addr)
	}
	require.NoError(t, guardText(allow("::ffff:10.0.0.0/104"), "10.9.9.9"), "a mapped network is the IPv4 network")
	require.NoError(t, guardText(allow("64:ff9b::/96"), "64:ff9b::10.0.0.1"), "the address as it is written counts as well")
	require.NoError(t, guardText(allow("fe80::/10"), "fe80::1%eth0"), "zones do not matter")
	require.NoError(t, guardText(allow("0.0.0.0/0"), "127.0.0.1"))
	require.Error(t, guardText(allow("0.0.0.0/0"), "::1"), "IPv4 only")
	require.NoError(t, guardText(allow("::/0"), "::1"))
}

func TestEgressErrorNamesTheNetworkOnly(t *testing.T) {
	t.Parallel()
	require.EqualError(t, guardText(Egress{}, "10.20.30.40"), "address in 10.0.0.0/8 (private)")
	require.EqualError(t, guardText(Egress{}, "64:ff9b::169.254.169.254"), "address in 169.254.0.0/16 (link-local)")
	require.EqualError(t, guardText(Egress{}, "4000::1"), "address in ::/0 (not public)")
}

func FuzzEgress(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1}, byte(8))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff000"), byte(35))
	f.Add([]byte("\x00\x64\xff\x9b\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x00\x00\x01"), byte(96))
	f.Fuzz(func(t *testing.T, raw []byte, bits byte) {
		addr, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		at := netip.AddrPortFrom(addr, 443)
		err := Egress{}.Guard(t.Context(), at)
		plainAddr := addr.Unmap()
		if plainAddr.IsLoopback() || plainAddr.IsPrivate() || plainAddr.IsLinkLocalUnicast() || plainAddr.IsMulticast() || plainAddr.IsUnspecified() {
			require.Error(t, err, addr)
		}
		require.Equal(t, err, Egress{}.Guard(t.Context(), netip.AddrPortFrom(netip.AddrFrom16(addr.As16()), 80)), "the mapped form is the same address")
		// A mapped address is an IPv4 address, and in no network of IPv6.
		if network, bad := plainAddr.Prefix(int(bits) % (plainAddr.BitLen() + 1)); bad == nil {
			require.NoError(t, Egress{Allow: []netip.Prefix{network}}.Guard(t.Context(), at), "%s holds %s", network, addr)
		}
	})
}

// nameServer answers every question for an address with the next of its
// answers, the last one for ever, and becomes the resolver of this process.
func nameServer(t *testing.T, answers ...[]string) {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		packet := make([]byte, 512)
		for asked := 0; ; {
			n, from, err := socket.ReadFrom(packet)
			if err != nil {
				return
			}
			reply, isA := answerTo(packet[:n], answers[min(asked, len(answers)-1)])
			if isA {
				asked++
			}
			_, _ = socket.WriteTo(reply, from)
		}
	}()
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

func answerTo(packet []byte, addrs []string) (reply []byte, isA bool) {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || len(m.Questions) != 1 {
		return nil, false
	}
	q := m.Questions[0]
	isA = q.Type == dnsmessage.TypeA
	answer := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true},
		Questions: m.Questions,
	}
	for _, addr := range addrs {
		if isA {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()},
			})
		}
	}
	reply, _ = answer.Pack()

	return reply, isA
}

// twoHosts listens on one port of two loopback addresses. The first is this
// test's public address, the second must never see a connection.
func twoHosts(t *testing.T) (port string, public, private *atomic.Int64) {
	t.Helper()
	public, private = new(atomic.Int64), new(atomic.Int64)
	first, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip("this system has one loopback address only")
	}
	_, port, _ = net.SplitHostPort(first.Addr().String())
	second, err := net.Listen("tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	for l, seen := range map[net.Listener]*atomic.Int64{first: public, second: private} {
		server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
		}), ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				seen.Add(1)
			}
		}}
		go func() { _ = server.Serve(l) }()
		t.Cleanup(func() { _ = server.Close() })
	}

	return port, public, private
}

// The tests that replace the process's resolver are not parallel.

func TestEgressStopsDNSRebinding(t *testing.T) { //nolint:paralleltest // it replaces the resolver
	port, public, private := twoHosts(t)
	nameServer(t, []string{"127.0.0.2"}, []string{"127.0.0.1"})
	guard := Egress{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}.Guard
	tr := newTransport(t, Options{Guard: guard, DialTimeout: 5 * time.Second})
	url := "http://rebind.example.:" + port + "/"

	require.NoError(t, do(tr, newRequest(t, http.MethodPost, url, "x")).headErr, "the first answer is public")
	require.EqualValues(t, 1, public.Load())
	for range 3 {
		err := do(tr, newRequest(t, http.MethodPost, url, "x")).headErr
		requireDialError(t, err, DialGuard)
		var egress *EgressError
		require.ErrorAs(t, err, &egress)
	}
	require.EqualValues(t, 1, public.Load())
	require.Zero(t, private.Load(), "the private address never saw a connection")
}

func TestEgressChecksEveryAddressOfAName(t *testing.T) { //nolint:paralleltest // it replaces the resolver
	port, public, private := twoHosts(t)
	nameServer(t, []string{"127.0.0.1", "127.0.0.2"})
	guard := Egress{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}.Guard
	tr := newTransport(t, Options{Guard: guard, DialTimeout: 5 * time.Second})

	require.NoError(t, do(tr, newRequest(t, http.MethodPost, "http://both.example.:"+port+"/", "x")).headErr)
	require.EqualValues(t, 1, public.Load())
	require.Zero(t, private.Load())
}

func TestEgressRefusesAddressesInOddSpelling(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	tr := newTransport(t, Options{Guard: Egress{}.Guard, DialTimeout: 2 * time.Second})
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"} {
		err := do(tr, newRequest(t, http.MethodPost, "http://"+host+":"+port+"/", "x")).headErr
		require.ErrorIs(t, err, ErrGuarded, host)
	}
}
