package push

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

const slashed = "Bearer c2VjcmV0/dG9rZW4+x"

// The languages of receivers write the same text of JSON in different ways.
var spellings = map[string]func(string) string{
	"as it is":   func(s string) string { return s },
	"PHP":        func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
	"Go":         func(s string) string { return strings.ReplaceAll(s, "+", `\u002b`) },
	"upper case": func(s string) string { return strings.ReplaceAll(s, "/", `\u002F`) },
	"all of it":  func(s string) string { return escaped(s, "%04x") },
	"a text of JSON within a text": func(s string) string {
		inner, _ := json.Marshal(`{"message":"` + strings.ReplaceAll(s, "/", `\/`) + `"}`)
		return strings.Trim(string(inner), `"`)
	},
}

func escaped(s, hex string) string {
	var out strings.Builder
	for _, r := range s {
		fmt.Fprintf(&out, `\u`+hex, r)
	}
	return out.String()
}

func TestASecretThatComesBackInAnotherSpellingIsHidden(t *testing.T) {
	t.Parallel()
	for name, spell := range spellings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = fmt.Fprintf(w, `{"message":"unknown: %s"}`, spell(r.Header.Get("Authorization")))
			})
			h := hookTo(t, r.URL, func(w *webhook.Webhook) {
				w.Headers = []webhook.Header{{Name: "Authorization", Value: webhook.NewSecret(slashed)}}
			})
			result := send(t, newSender(t, h, Options{}))
			var told struct{ Message string }
			require.NoError(t, json.Unmarshal(result.Response, &told), "what was JSON still is")
			for _, text := range []string{result.Error, told.Message, delivery.Words(result.Response), string(result.Response)} {
				require.NotContains(t, text, "dG9rZW4")
			}
			require.Contains(t, told.Message, "unknown: ")
		})
	}
}

// What a receiver repeats of our secrets is neither in the error nor in the
// answer that is kept.
func TestASecretThatComesBackIsHidden(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"message":"no: %s, %s, %s"}`, r.Header.Get("X-Api-Key"), r.Header.Get("Authorization"), r.URL.RawQuery)
	})
	h := hookTo(t, r.URL+"/in?token=query-secret&v=1", func(w *webhook.Webhook) {
		w.Headers = []webhook.Header{
			{Name: "X-Api-Key", Value: webhook.NewSecret("key-secret")},
			{Name: "Authorization", Value: webhook.NewSecret("Bearer auth-secret")},
		}
	})
	result := send(t, newSender(t, h, Options{}))
	require.Equal(t, "no: ***, ***, token=***&v=1", delivery.Words(result.Response))
	require.Equal(t, `{"message":"no: ***, ***, token=***&v=1"}`, string(result.Response))
	require.Equal(t, r.URL+"/in", result.URL)
	require.NotContains(t, fmt.Sprintf("%+v", result), "-secret")
}

// The query of a URL comes back as the receiver's server saw it.
func TestASecretOfTheQueryIsHiddenAsItIsWritten(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"message":"no: %s and %s"}`, r.URL.RawQuery, r.URL.Query().Get("token"))
	})
	result := send(t, newSender(t, hookTo(t, r.URL+"/in?token=query%2fsecret%20one", nil), Options{}))
	require.Equal(t, `{"message":"no: token=*** and ***"}`, string(result.Response))
}

func TestRedact(t *testing.T) {
	t.Parallel()
	secrets := appendSecret(appendSecret(nil, "Bearer abcdefgh"), "1234567")
	require.Equal(t, []string{"Bearer abcdefgh", "abcdefgh"}, secrets, "what is short is no secret")
	for text, want := range map[string]string{
		`abcdefgh and 1234567`:              `*** and 1234567`,
		`"Bearer abcdefgh`:                  `"***`,
		`{"a":"Bearer\u0020abc\u0064efgh"}`: `{"a":"***"}`,
		`broken off: ab\u0063defgh \u00`:    `broken off: *** \u00`,
		`C:\abcdefgh\x`:                     `C:\***\x`,
		`"\\u0061bcdefgh"`:                  `"***"`,
		`"\\abcdefg\u0068"`:                 `"\\***"`,
		`nothing \n here`:                   `nothing \n here`,
		`\`:                                 `\`,
		``:                                  ``,
	} {
		raw := []byte(text)
		require.Equal(t, want, string(redact(raw, secrets)), text)
		require.Equal(t, text, string(raw), "the bytes that came are not written to")
	}
	require.Equal(t, `"***"`, string(redact([]byte(`"\ud83d\ude00abcdefgh"`), []string{"😀abcdefgh"})))
	require.Equal(t, `"***"`, string(redact([]byte(`"\u0061bcdefgh\u0069j"`), []string{"abcdefgh", "cdefghij"})), "both at once")
	for _, text := range []string{`"pass\nphrase"`, `"pass\u0000phrase"`, "pass\nphrase", "pass\u2028phrase", `"p\u0061ss\u0085phrase"`} {
		kept := redact([]byte(text), appendSecret(nil, " pass phrase "))
		require.Equal(t, "***", strings.Trim(string(kept), `"`), "a line of a log shows a space for the rest of %q", text)
	}
}

// However a text of JSON writes a secret, what is kept of an answer does not
// say it.
func FuzzRedact(f *testing.F) {
	f.Add(slashed, "unknown: ", []byte{1, 2, 3, 0})
	f.Add("0000 0000", "0000\x7f0000", []byte{0})
	f.Add("😀ab\"c\\de/f\n", `{"x"`, []byte{3})
	f.Fuzz(func(t *testing.T, secret, around string, choice []byte) {
		secret = strings.TrimSpace(secret)
		if len(secret) < minSecret || strings.ContainsAny(secret, "*\uFFFD") || len(choice) == 0 {
			t.Skip()
		}
		var text strings.Builder
		before, _ := json.Marshal(around)
		text.WriteString(`{"message":` + string(before[:len(before)-1]))
		for i, r := range secret {
			switch plain, _ := json.Marshal(string(r)); {
			case choice[i%len(choice)]%4 == 0 || r > 0xFFFF:
				text.Write(plain[1 : len(plain)-1])
			case choice[i%len(choice)]%4 == 1:
				text.WriteString(escaped(string(r), "%04x"))
			case r == '/':
				text.WriteString(`\/`)
			default:
				text.WriteString(escaped(string(r), "%04X"))
			}
		}
		text.WriteString(`"}`)
		kept := redact([]byte(text.String()), appendSecret(nil, secret))
		require.NotContains(t, string(kept), secret)
		var told struct{ Message string }
		if json.Unmarshal(kept, &told) == nil {
			require.NotContains(t, told.Message, secret)
		}
		require.NotContains(t, delivery.Words(kept), secret)
	})
}
