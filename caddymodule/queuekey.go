package caddymodule

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
)

// queueKey tells the queues of this process apart. It is the store, and how it is
// reached: other credentials for the same store open another queue, and the old
// one ends with its configuration.
func queueKey(s Storage) string {
	key := s.Resource()
	for {
		switch one := s.(type) {
		case *spooledStorage:
			s = one.Storage
		case *lateStorage:
			s = one.Storage
		case *RedisStorage:
			return key + " " + one.link
		default:
			return key
		}
	}
}

// connectionKey makes digests that say nothing outside of this process: what they
// are made of may be guessed otherwise.
var connectionKey = []byte(rand.Text())

// connection stands for the settings of a connection, secrets and the content of
// files among them.
func (s *RedisStorage) connection() string {
	c := s.config
	digest := hmac.New(sha256.New, connectionKey)
	fmt.Fprintf(digest, "%q %q %q %q %q %q %d %t %q ",
		c.URL, c.Username, c.Password, c.Master, c.SentinelUsername, c.SentinelPassword, c.Wait, c.Cluster, c.Addresses)
	for _, file := range []string{s.CA, s.Certificate, s.Key} {
		content, _ := os.ReadFile(file) //nolint:gosec // it has just been read for its certificate; "" is none
		fmt.Fprintf(digest, "%q ", content)
	}
	return hex.EncodeToString(digest.Sum(nil)[:8])
}
