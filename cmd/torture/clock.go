package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Go program asks the kernel for the time by itself, so libfaketime, which
// stands between a program and the C library, cannot step its clock; and the
// machine's clock is not ours to step. So the gateway is built once more, from
// the same sources, against a standard library whose time.Now adds a number of
// seconds to the wall clock and none to the monotonic one, as a step of the
// machine's clock would. The number is read from a file.

// clockFile is the environment variable with the path of that file.
const clockFile = "VOORPOORT_TORTURE_CLOCK"

const (
	readsClock = "sec, nsec, mono := runtimeNow()\n"
	stepsClock = readsClock + "\tsec += tortureStep.Load()\n"
)

// stepSource is added to package time.
const stepSource = `package time

import "sync/atomic"

var tortureStep atomic.Int64

// SetTortureStep steps the wall clock: so many seconds from the real one.
func SetTortureStep(seconds int64) { tortureStep.Store(seconds) }
`

// followSource is added to the gateway's package main.
const followSource = `package main

import (
	"os"
	"strconv"
	"time"
)

func init() {
	step := func() {
		raw, err := os.ReadFile(os.Getenv("` + clockFile + `"))
		if err != nil {
			return
		}
		if seconds, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			time.SetTortureStep(seconds)
		}
	}
	step()
	go func() {
		for {
			time.Sleep(20 * time.Millisecond)
			step()
		}
	}()
}
`

var errStandardLibrary = errors.New("package time is not as expected")

// stepped gives the source of package time's time.go with a clock that steps.
func stepped(source string) (string, error) {
	if strings.Count(source, readsClock) != 1 {
		return "", errStandardLibrary
	}
	return strings.Replace(source, readsClock, stepsClock, 1), nil
}

// overlay writes the files that replace others in a build, and the list of them.
func overlay(dir, goroot, module string) (list string, err error) {
	original, err := os.ReadFile(filepath.Join(goroot, "src", "time", "time.go"))
	if err != nil {
		return "", fmt.Errorf("reading package time: %w", err)
	}
	patched, err := stepped(string(original))
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for target, text := range map[string]string{
		filepath.Join(goroot, "src", "time", "time.go"):           patched,
		filepath.Join(goroot, "src", "time", "torturestep.go"):    stepSource,
		filepath.Join(module, "cmd", "voorpoort", "torturing.go"): followSource,
	} {
		file := filepath.Join(dir, filepath.Base(target))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("writing an overlay: %w", err)
		}
		replace[target] = file
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("writing an overlay: %w", err)
	}
	list = filepath.Join(dir, "overlay.json")
	return list, os.WriteFile(list, raw, 0o600)
}

// buildStepped builds the gateway with a clock that steps.
func buildStepped(ctx context.Context, dir, output string) error {
	raw, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("asking go where it is: %w", err)
	}
	goroot, module, _ := strings.Cut(strings.TrimSpace(string(raw)), "\n")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	list, err := overlay(dir, goroot, filepath.Dir(module))
	if err != nil {
		return err
	}
	return buildGateway(ctx, output, "-overlay", list)
}

// setClock steps the clock of the gateways that read the file.
func setClock(file string, step time.Duration) error {
	next := file + ".next"
	if err := os.WriteFile(next, []byte(strconv.FormatInt(int64(step/time.Second), 10)), 0o600); err != nil {
		return fmt.Errorf("stepping the clock: %w", err)
	}
	if err := os.Rename(next, file); err != nil {
		return fmt.Errorf("stepping the clock: %w", err)
	}
	return nil
}
