//go:build race

package strictjson

// raceEnabled says that the race detector is on, under which sync.Pool forgets things on purpose.
const raceEnabled = true
