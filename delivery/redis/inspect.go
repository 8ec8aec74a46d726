package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// The oldest Redis whose commands the scripts use.
const oldestMajor, oldestMinor = 6, 2

// inspect checks the server at Open.
func (s *Store) inspect(ctx context.Context) error {
	if err := s.ask(ctx, "connect", func(ctx context.Context) error { return s.client.Ping(ctx).Err() }); err != nil {
		return err
	}
	info, err := s.client.Info(ctx, "server").Result()
	if err != nil {
		_, err = failure("ask for its version", err)
		return err
	}
	if err := checkVersion(info); err != nil {
		return err
	}
	s.warnings = s.judge(ctx)
	return nil
}

// checkVersion reads the answer of INFO server.
func checkVersion(info string) error {
	version := ""
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "redis_version:"); ok {
			version = v
		}
	}
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return fmt.Errorf("redis: the server does not tell its version")
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		return fmt.Errorf("redis: the server is Redis %.20s; %d.%d or later is needed", version, oldestMajor, oldestMinor)
	}
	return nil
}

// judge reads the settings that decide whether events are kept. For a user who
// may not read them, as with many hosted servers, INFO tells the most of it.
func (s *Store) judge(ctx context.Context) []string {
	c := settings{}
	for _, name := range []string{"maxmemory", "maxmemory-policy", "appendonly", "appendfsync", "save"} {
		got, err := s.configGet(ctx, name)
		if err != nil {
			return s.judgeByInfo(ctx)
		}
		c[name] = got[name]
	}
	return c.warnings()
}

// judgeByInfo judges what INFO tells, and says what it does not.
func (s *Store) judgeByInfo(ctx context.Context) []string {
	memory, err := s.client.Info(ctx, "memory").Result()
	if err != nil {
		return []string{warnUnread}
	}
	persistence, err := s.client.Info(ctx, "persistence").Result()
	if err != nil {
		return []string{warnUnread}
	}
	c := settings{"maxmemory-policy": infoField(memory, "maxmemory_policy"), "appendonly": "no", "save": "unknown"}
	if infoField(persistence, "aof_enabled") == "1" {
		c["appendonly"] = "yes"
	}
	return append(c.warnings(), warnUnread)
}

// warnUnread is for those who may not read the settings.
const warnUnread = "redis: CONFIG GET is not allowed, so appendfsync could not be checked: see to it that it is everysec or always"

// infoField gives a field of an answer to INFO.
func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (s *Store) configGet(ctx context.Context, name string) (map[string]string, error) {
	if c, ok := s.client.(*goredis.ClusterClient); ok {
		node, err := c.MasterForKey(ctx, s.keys[0])
		if err != nil {
			return nil, err
		}
		return node.ConfigGet(ctx, name).Result()
	}
	return s.client.ConfigGet(ctx, name).Result()
}

// settings are the server's, by name.
type settings map[string]string

func (c settings) warnings() []string {
	var all []string
	if p := c["maxmemory-policy"]; p != "noeviction" {
		all = append(all, fmt.Sprintf("redis: maxmemory-policy is %s: when memory is full the server drops events silently; set it to noeviction", p))
	}
	switch {
	case c["appendonly"] == "yes" && c["appendfsync"] == "no":
		all = append(all, "redis: appendfsync is no: power loss can take half a minute of events; set it to everysec or always")
	case c["appendonly"] == "yes":
	case c["save"] != "":
		all = append(all, "redis: appendonly is no: when the server ends, events since its last snapshot are lost; set appendonly to yes")
	default:
		all = append(all, "redis: the server keeps nothing on disk: when it ends, all events are lost; set appendonly to yes")
	}
	return all
}
