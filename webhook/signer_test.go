package webhook

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// The keys of the vectors: 00..1f, 20..3f, and the ed25519 key with seed 00..1f.
const (
	keyOne     = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	keyTwo     = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
	keyPrivate = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA=="
	keyPublic  = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
)

// signed gives the headers that a webhook with these members of JSON adds.
func signed(tb testing.TB, members, id string, at time.Time, body string) http.Header {
	tb.Helper()
	header := http.Header{}
	compileJSON(tb, members).Sign(header, id, at, []byte(body))
	return header
}

// TestStandardWebhooksVectors were computed with other tools for the id
// msg_0001 at 1760000000.
func TestStandardWebhooksVectors(t *testing.T) {
	t.Parallel()
	at := time.Unix(1760000000, 0)
	for _, vector := range []struct{ body, one, two, v1a string }{
		{
			`{}`, "7t5GFU8Q2JSRZpDbIVi8/j3euAFFm/oQ5uv8l6u7dZU=", "XtQh+bJHhom4g/1IkxOIDOwq8PlBInc4N2Ff9e+Md8E=",
			"S4wQ0+o/P3YF+vbWQ/xDy4UdTtMpiSOJO3Mr+M3C1au59jCJEZgQ+e0wpBoWDKDc2naUKhbeKEhgZHRvqC2OBA==",
		},
		{
			`{"specversion":"1.0","id":"e-1"}`, "YKlf7N8P/w6jiuyE1dhGCjUp05TH9A8lJmYnNZaLHKo=", "SwsF5xajTh2yGXKowwsShoUoeREqeHxSAWHTb+og9yk=",
			"g1NP38Fy0s8hNfErWI41fSXzENRkyHAOuQtFeJTkF83Sp7ubte4wK75JZrg5UELxPfE5qTrAfkE/EhCeE7QLBQ==",
		},
		{
			`{"naam":"Crème brûlée €"}`, "xZtbL8V56DFbVP/hiyrYs6BVq83gokFh7xNKsdeZ4MA=", "RY3ytLr8jnQ6KLpbf/Yj1UUDsqdX/XGiPZhF49eAQGU=",
			"16f0lWxR1sj49eI0uVihBukY2et0KvSLVhdrFiBLjQcxllMN2w9fsaJb5l4e0Dzr+w20BROT8EMU8ThB/aSwCw==",
		},
		{
			`{"a":1}` + "\n", "KMrTTFsSKic0SBZZcFYDEI7L5Rg5CEAn3esTvNT93e0=", "gFHVLwIg9VW3ONev9jyt4hxL7TGkGE8RWAPf04phhhQ=",
			"WL7z4irKZZYBctnwjpNooXluUqufTykV2wXY0yfpCQxn1N6rMiHKnSgIcH14sfLzna0Jp+WQ2Dxmaj7oqdyZCg==",
		},
		{
			`{"u":"https:\/\/x"}`, "k+Ma59tdUYAPxKFKSs9ctZAyn7Ik5lHLiWEAj0OMpkI=", "tkB3ctwlJwBm97Vz+YVixLDoVCwjXSXkhxM7M6siAVA=",
			"Z9FmmKKkdmBzpmbkqiVE6MffCTbOvl6UWJHBifJgOvdp/Y1KKQHVzulKFlTRY9V2lVRZrm552dLjVhISlzf0Dg==",
		},
	} {
		require.Equal(t, http.Header{
			"Webhook-Id": {"msg_0001"}, "Webhook-Timestamp": {"1760000000"}, "Webhook-Signature": {"v1," + vector.one},
		}, signed(t, `"secret":"`+keyOne+`"`, "0001", at, vector.body), vector.body)

		// During a rotation both keys sign, the current one first.
		require.Equal(t, "v1,"+vector.one+" v1,"+vector.two,
			signed(t, `"secret":["`+keyOne+`","`+keyTwo+`"]`, "0001", at, vector.body).Get(headerSignature))

		require.Equal(t, "v1a,"+vector.v1a, signed(t, `"secret":"`+keyPrivate+`"`, "0001", at, vector.body).Get(headerSignature))
		require.Equal(t, "v1a,"+vector.v1a+" v1,"+vector.one,
			signed(t, `"secret":["`+keyPrivate+`","`+keyOne+`"]`, "0001", at, vector.body).Get(headerSignature))
	}
}

// TestStandardWebhooksLibraryVector is the vector of the reference libraries.
// Its id carries the prefix already, so the key is asked directly.
func TestStandardWebhooksLibraryVector(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		key, err := newStandardKey(secret)
		require.NoError(t, err)
		got := key.appendSignature(nil, []byte("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330."), []byte(`{"test": 2432232314}`))
		require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", string(got))
	}
}

// TestStandardWebhooksLibraryVerifies lets the reference library check our
// calls, as a receiver would.
func TestStandardWebhooksLibraryVerifies(t *testing.T) {
	t.Parallel()
	const body = `{"specversion":"1.0","data":{"body":{"naam":"€"}}}`
	header := signed(t, `"secret":["`+keyOne+`","`+keyTwo+`","`+keyPrivate+`"]`, "0199e2a4-7c00-7000-8000-000000000001", time.Now(), body)
	for _, secret := range []string{keyOne, keyTwo} {
		receiver, err := standardwebhooks.NewWebhook(secret)
		require.NoError(t, err)
		require.NoError(t, receiver.Verify([]byte(body), header))
		require.Error(t, receiver.Verify([]byte(body+" "), header), "another body")

		header := header.Clone()
		header.Set(headerID, "msg_other")
		require.Error(t, receiver.Verify([]byte(body), header), "another id")
	}
	other, err := standardwebhooks.NewWebhook("whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
	require.NoError(t, err)
	require.Error(t, other.Verify([]byte(body), header), "another key")

	old := signed(t, `"secret":"`+keyOne+`"`, "1", time.Now().Add(-6*time.Minute), body)
	receiver, err := standardwebhooks.NewWebhook(keyOne)
	require.NoError(t, err)
	require.ErrorIs(t, receiver.Verify([]byte(body), old), standardwebhooks.ErrMessageTooOld)
}

func TestEd25519Verifies(t *testing.T) {
	t.Parallel()
	public, err := base64.StdEncoding.DecodeString(keyPublic)
	require.NoError(t, err)
	seed := "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" // 32 bytes: the seed alone
	for _, secret := range []string{keyPrivate, seed} {
		value := signed(t, `"secret":"`+secret+`"`, "1", time.Unix(5, 0), "body").Get(headerSignature)
		signature, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(value, "v1a,"))
		require.NoError(t, err)
		require.True(t, ed25519.Verify(public, []byte("msg_1.5.body"), signature))
	}
}

// TestTextSignatureVectors are those of OpenRegister: the MAC of the exact
// bytes, keyed with the text of the secret.
func TestTextSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, vector := range []struct{ body, secret, hex string }{
		{`{"key":"value"}`, "my-secret", "fbde39337b529a887fba290e322809bd8530d9ba68d2c4c869d1394cc07bd99e"},
		{`[]`, "secret", "53364a07fcc563e712f42cfc9de1e28e1e2d39f236cee430f112203e557aea3f"},
		{`{"a":{"b":"c"},"d":[1,2,3]}`, "secret", "8d0eaeef3b66cbacf2e5b295984c17a1eb176953797467ecfb7d78dceb2fe27b"},
		{
			`{"event":"OCA\\OpenRegister\\Event\\ObjectCreatedEvent","webhook":{"id":"550e8400-e29b-41d4-a716-446655440000","name":"My Webhook"},"data":{"objectType":"object","action":"created"},"timestamp":"2025-11-20T20:00:00+00:00","attempt":1}`,
			"your-secret", "4ebc3566d667f6bf79734676d450f9ab88e8f88ba03e4b038cc766a668d730d7",
		},
		{`{"url":"https:\/\/a.example\/x","n":"caf\u00e9"}`, "s", "b5d3b9b26e5b38a1c514a14806c5cc819b10fd6e29bd48f85c77f872eecbd0da"},
		{`{"url":"https://a.example/x","n":"café"}`, "s", "1002423cc55f8d649a9536fbd4c45c26cd08a0fe464ff6fdcab302e70dd25bea"},
		{`{"specversion":"1.0","id":"e-1"}`, "your-secret", "8cf62a30880ff0c399f4f021a88efea9208137180c08f1b09758d80030183f9d"},
	} {
		at := time.Now()
		openRegister := http.Header{"X-Webhook-Signature": {vector.hex}}
		sha256 := http.Header{"X-Signature": {"sha256=" + vector.hex}}
		require.Equal(t, openRegister, signed(t, `"secret":"`+vector.secret+`"`, "1", at, vector.body), "the default for a text")
		require.Equal(t, openRegister, signed(t, `"secret":"`+vector.secret+`","signature":"openregister"`, "1", at, vector.body))
		require.Equal(t, sha256, signed(t, `"secret":"`+vector.secret+`","signature":"sha256"`, "1", at, vector.body))
		require.Equal(t, openRegister, signed(t, `"secret":["`+vector.secret+`","older"]`, "1", at, vector.body), "the current secret signs")
	}
}

func TestSeveralSchemes(t *testing.T) {
	t.Parallel()
	header := signed(t, `"secret":"`+keyOne+`","signature":["standard-webhooks","openregister","sha256"]`, "1", time.Now(), "{}")
	require.Len(t, header, 5)
	require.Equal(t, "sha256="+header.Get("X-Webhook-Signature"), header.Get("X-Signature"))

	require.Empty(t, signed(t, ``, "1", time.Now(), "{}"), "no secret, no signature")
}

func TestSecretFaults(t *testing.T) {
	t.Parallel()
	encoded := func(bytes int) string { return base64.StdEncoding.EncodeToString(make([]byte, bytes)) }
	const notStandard = "is not a Standard Webhooks secret"
	const notEd25519 = "is not an ed25519 key"
	for members, want := range map[string]string{
		`"secret":""`:          "/secret: is empty; leave it out for calls without a signature",
		`"secret":["a",""]`:    "/secret/1: is empty",
		`"secret":"***"`:       "/secret: is the mask that stands for a secret, not a secret",
		`"secret":"abc\n"`:     "/secret: holds a line break",
		`"secret":"whsec_"`:    "/secret: " + notStandard,
		`"secret":"whsec_%%%"`: "/secret: " + notStandard,

		`"secret":"whsec_` + encoded(23) + `"`: "/secret: " + notStandard,
		`"secret":"whsec_` + encoded(65) + `"`: "/secret: " + notStandard,

		`"secret":"my-secret","signature":"standard-webhooks"`:            "/secret: " + notStandard,
		`"secret":["` + keyOne + `","x"],"signature":"standard-webhooks"`: "/secret/1: " + notStandard,
		`"secret":"whsk_` + encoded(31) + `"`:                             "/secret: " + notEd25519,
		`"secret":"whsk_` + encoded(64) + `"`:                             "/secret: " + notEd25519, // the halves do not belong together
		`"secret":"` + keyPrivate + `","signature":"openregister"`:        `/secret: is an ed25519 key, which only signature "standard-webhooks" can use`,
		`"secret":["` + keyOne + `","plain"]`:                             "/signature: is required, because some secrets are Standard Webhooks secrets and some are not",
		`"signature":"sha256"`:                                            "/signature: needs a secret to sign with",
		`"secret":"s","signature":"md5"`:                                  `/signature: is "md5"; allowed are "standard-webhooks", "openregister", "sha256"`,
		`"secret":"s","signature":["sha256","md5"]`:                       `/signature/1: is "md5"`,
	} {
		_, err := tryJSON(members)
		lines := fieldErrors(t, err)
		require.Len(t, lines, 1, members)
		require.True(t, strings.HasPrefix(lines[0], want), "%s\ngot %s", members, lines[0])
		var document struct{ Secret any }
		require.NoError(t, json.Unmarshal([]byte("{"+members+"}"), &document))
		if text, ok := document.Secret.(string); ok && len(text) > 6 {
			require.NotContains(t, lines[0], text)
		}
	}
	for _, size := range []int{24, 32, 64} {
		compileJSON(t, `"secret":"whsec_`+encoded(size)+`"`)
		compileJSON(t, `"signature":"standard-webhooks","secret":"`+encoded(size)+`"`)
	}
}

// TestSignConcurrently: the pooled states do not mix calls up.
func TestSignConcurrently(t *testing.T) {
	t.Parallel()
	h := compileJSON(t, `"secret":["`+keyOne+`","`+keyTwo+`"],"signature":["standard-webhooks","sha256"]`)
	sign := func(i int) http.Header {
		header := http.Header{}
		h.Sign(header, fmt.Sprint(i), time.Unix(int64(i), 0), fmt.Appendf(nil, `{"i":%d}`, i))
		return header
	}
	var group sync.WaitGroup
	for worker := range 4 {
		want := sign(worker)
		group.Go(func() {
			for range 500 {
				require.Equal(t, want, sign(worker))
			}
		})
	}
	group.Wait()
}

func BenchmarkSign(b *testing.B) {
	body := make([]byte, 2048)
	for name, members := range map[string]string{
		"None":         ``,
		"Standard":     `"secret":"` + keyOne + `"`,
		"Rotation":     `"secret":["` + keyOne + `","` + keyTwo + `"]`,
		"Ed25519":      `"secret":"` + keyPrivate + `"`,
		"OpenRegister": `"secret":"my-secret"`,
	} {
		h := compileJSON(b, members)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			header := make(http.Header, 4)
			at := time.Now()
			for b.Loop() {
				h.Sign(header, "0199e2a4-7c00-7000-8000-000000000001", at, body)
			}
		})
	}
	b.Run("Library", func(b *testing.B) {
		b.ReportAllocs()
		library, err := standardwebhooks.NewWebhook(keyOne)
		require.NoError(b, err)
		at := time.Now()
		for b.Loop() {
			_, _ = library.Sign("msg_0199e2a4-7c00-7000-8000-000000000001", at, body)
		}
	})
}
