package push

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

// zgwHeader is {"typ":"JWT","alg":"HS256"}.
const zgwHeader = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"

// zgwBearer gives the value of the field Authorization for one attempt: a JWT
// signed with a shared secret (HS256, RFC 7515).
func zgwBearer(z *webhook.ZGWJWT, at time.Time) string {
	claims := append([]byte(nil), `{"iss":`...)
	claims = strictjson.AppendQuote(claims, z.ClientID)
	claims = append(claims, `,"iat":`...)
	claims = strconv.AppendInt(claims, at.Unix(), 10)
	claims = append(claims, `,"client_id":`...)
	claims = strictjson.AppendQuote(claims, z.ClientID)
	claims = append(claims, `,"user_id":`...)
	claims = strictjson.AppendQuote(claims, z.UserID)
	claims = append(claims, `,"user_representation":`...)
	claims = append(strictjson.AppendQuote(claims, z.UserRepresentation), '}')

	token := append([]byte(nil), bearerPrefix+zgwHeader+"."...)
	token = base64.RawURLEncoding.AppendEncode(token, claims)
	mac := hmac.New(sha256.New, []byte(z.Secret.Reveal()))
	mac.Write(token[len(bearerPrefix):])
	token = append(token, '.')
	return string(base64.RawURLEncoding.AppendEncode(token, mac.Sum(nil)))
}

const bearerPrefix = "Bearer "
